-- What is sealed of these entries, and whose it is, where somebody still is known.
select entry_id, contact_id, body from ledger_sealed where workspace_id = %(workspace_id)s and entry_id = any(%(entries)s::bigint[])
