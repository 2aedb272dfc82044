-- How fast the shop's route may be: a chunk holds no more than leaves in a second.
select messages_per_second from route where workspace_id = %(workspace_id)s order by route_id limit 1
