-- The amount of the day that holds for a chunk, with the database's clock. Complaints of this group's people since that day are counted when
-- another day has begun, once.
select w.route_id, w.domain_group, w.amounts, w.step, w.on_day, w.sent, w.deferred, n.now,
       case when w.on_day < (n.now at time zone 'UTC')::date then (
           select count(distinct f.contact_id)::int from feedback f
           join address a on a.workspace_id = f.workspace_id and a.contact_id = f.contact_id and a.channel = 'email'
           left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
           where f.workspace_id = w.workspace_id and f.kind = 'complaint' and f.at >= w.on_day::timestamp at time zone 'UTC'
             and coalesce(g.name, %(other)s) = w.domain_group) else 0 end
from warm_up w cross join (select clock_timestamp() as now) n
where w.workspace_id = %(workspace_id)s and w.route_id = %(route_id)s and w.domain_group = %(domain_group)s
for update of w
