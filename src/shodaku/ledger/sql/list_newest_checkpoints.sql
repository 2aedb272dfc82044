-- The latest heads, newest first.
select size, root, note, at from ledger_checkpoint where workspace_id = %(workspace_id)s order by size desc limit %(rows_max)s
