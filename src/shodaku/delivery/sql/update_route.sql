-- The shop's route keeps its number, and so its password file.
update route set name = %(name)s, host = %(host)s, port = %(port)s, tls = %(tls)s, username = %(username)s,
    messages_per_second = %(messages_per_second)s, connections = %(connections)s, last_error = null, last_error_at = null
where workspace_id = %(workspace_id)s
  and route_id = (select min(route_id) from route where workspace_id = %(workspace_id)s)
returning route_id
