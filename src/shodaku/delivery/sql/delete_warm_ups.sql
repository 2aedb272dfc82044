-- Nothing is limited by days any more.
delete from warm_up where workspace_id = %(workspace_id)s and route_id = %(route_id)s
