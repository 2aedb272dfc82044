-- Each route towards each group, and how far it is.
select route_id, domain_group, amounts, step, on_day, sent, deferred from warm_up
where workspace_id = %(workspace_id)s order by route_id, domain_group
