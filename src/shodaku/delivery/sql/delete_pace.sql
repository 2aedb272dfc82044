-- No limit any more.
delete from pace where workspace_id = %(workspace_id)s and route_id = %(route_id)s and domain_group = %(domain_group)s
