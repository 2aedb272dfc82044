-- The first route of the shop.
select route_id, host, port, tls, username, messages_per_second, connections from route
where workspace_id = %(workspace_id)s order by route_id limit 1
