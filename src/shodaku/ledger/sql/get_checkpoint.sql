-- The checkpoint over exactly so many entries.
select size, root, note, at from ledger_checkpoint where workspace_id = %(workspace_id)s and size = %(size)s
