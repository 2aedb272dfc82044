-- The new head, signed.
insert into ledger_checkpoint (workspace_id, size, root, note, at) values (%(workspace_id)s, %(size)s, %(root)s, %(note)s, %(now)s)
