-- What was signed over the leaves up to here.
select size, root, note from ledger_checkpoint where workspace_id = %(workspace_id)s and size > %(first)s and size <= %(end)s order by size
