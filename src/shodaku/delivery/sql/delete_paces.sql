-- Of a route that is removed.
delete from pace where workspace_id = %(workspace_id)s and route_id = %(route_id)s
