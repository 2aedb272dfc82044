-- It was answered, in the transaction of the answer.
insert into complaint (workspace_id, kind, found, entry_id, at) values (%(workspace_id)s, %(kind)s, %(found)s, %(entry_id)s, %(now)s)
