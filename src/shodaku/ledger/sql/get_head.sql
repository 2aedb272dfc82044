-- The newest checkpoint.
select size, root, note, at from ledger_checkpoint where workspace_id = %(workspace_id)s order by size desc limit 1
