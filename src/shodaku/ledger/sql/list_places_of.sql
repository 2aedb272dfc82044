-- Where these entries stand in the log.
select entry_id, seq from ledger_leaf where workspace_id = %(workspace_id)s and entry_id = any(%(entries)s::bigint[])
