-- As plan_chunks, where a limit holds for a group of receivers: nobody waits in a chunk for a receiver that is not his own.
with audience as (
    select c.contact_id, coalesce(g.name, %(other)s) as domain_group,
           (row_number() over (partition by coalesce(g.name, %(other)s) order by c.contact_id) - 1) / %(size)s as part
    from contact c
    join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = %(channel)s
    left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
    where c.workspace_id = %(workspace_id)s and a.invalid_at is null
      and not exists (select from suppression s where s.workspace_id = a.workspace_id and s.token = a.token and s.strength = 'strict')
      and /*where*/)
insert into chunk (workspace_id, mailing_id, contact_ids, domain_group, not_before)
select %(workspace_id)s, %(mailing_id)s, array_agg(contact_id order by contact_id), domain_group, coalesce(%(starts_at)s::timestamptz, '-infinity')
from audience group by part, domain_group order by part, domain_group
returning no, cardinality(contact_ids)
