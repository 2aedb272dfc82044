-- Entries tell how many people came and went, and in which hour: the sender decides.
update ledger_log set publishes_entries = %(published)s where workspace_id = %(workspace_id)s
