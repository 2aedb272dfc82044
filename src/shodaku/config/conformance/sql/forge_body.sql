-- What an intruder with the application's own rights can do to the ledger: nothing can be updated, but a body can be put in the
-- place of one that the eraser's function took out.
insert into ledger_sealed (workspace_id, contact_id, entry_id, body)
values (%(workspace_id)s, %(contact_id)s, %(entry_id)s, %(body)s)
