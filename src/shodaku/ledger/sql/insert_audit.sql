-- One reading of everything, and what it found.
insert into ledger_audit (workspace_id, at, size, seconds, consistent, finding)
values (%(workspace_id)s, %(now)s, %(size)s, %(seconds)s, %(consistent)s, %(finding)s) on conflict do nothing
