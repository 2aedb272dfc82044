-- The newest reading.
select at, size, seconds, consistent, finding from ledger_audit where workspace_id = %(workspace_id)s order by at desc limit 1
