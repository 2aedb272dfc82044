-- An order that came, with its entry.
insert into authority_order (workspace_id, at, recorded_at, entry_id) values (%(workspace_id)s, %(at)s, %(now)s, %(entry_id)s)
returning order_id
