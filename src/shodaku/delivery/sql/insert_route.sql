-- A relay; the password is a file.
insert into route (workspace_id, name, host, port, tls, username, messages_per_second, connections, created_at)
values (%(workspace_id)s, %(name)s, %(host)s, %(port)s, %(tls)s, %(username)s, %(messages_per_second)s, %(connections)s, %(now)s)
returning route_id
