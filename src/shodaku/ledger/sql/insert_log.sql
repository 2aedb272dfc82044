-- A log gets its name with its first leaf.
insert into ledger_log (workspace_id, origin, opened_at) values (%(workspace_id)s, %(origin)s, %(now)s)
