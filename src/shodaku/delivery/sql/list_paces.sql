-- Every limit, and how fast it is now.
select route_id, domain_group, rate_max, rate, changed_at from pace
where workspace_id = %(workspace_id)s order by route_id, domain_group
