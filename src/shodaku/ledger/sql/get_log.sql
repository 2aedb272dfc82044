-- The name of the log, once it has one.
select origin, opened_at, publishes_entries from ledger_log where workspace_id = %(workspace_id)s
