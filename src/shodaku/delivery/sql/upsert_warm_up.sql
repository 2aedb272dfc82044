-- Begun, or with another table: the day goes on, and the step stays within it.
insert into warm_up (workspace_id, route_id, domain_group, amounts, on_day)
values (%(workspace_id)s, %(route_id)s, %(domain_group)s, %(amounts)s, (%(now)s::timestamptz at time zone 'UTC')::date)
on conflict (workspace_id, route_id, domain_group) do update
set amounts = excluded.amounts, step = least(warm_up.step, cardinality(excluded.amounts) - 1)
