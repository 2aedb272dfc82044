-- For the audit: a page of entries by number.
select entry_id, event_id, entry from ledger_entry where workspace_id = %(workspace_id)s and entry_id > %(after)s
order by entry_id limit %(rows_max)s
