-- As somebody sets it: what was slowed begins at the new rate, and nobody's turn is kept.
insert into pace (workspace_id, route_id, domain_group, rate, rate_max, tokens, refilled_at)
values (%(workspace_id)s, %(route_id)s, %(domain_group)s, %(rate)s, %(rate)s, 2, clock_timestamp())
on conflict (workspace_id, route_id, domain_group) do update
set rate = excluded.rate, rate_max = excluded.rate_max, promised_until = null, changed_at = null
where pace.rate_max <> excluded.rate_max
