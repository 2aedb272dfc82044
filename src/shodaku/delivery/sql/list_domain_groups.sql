-- Which receivers named people have their mailbox with.
select c.contact_id, coalesce(g.name, %(other)s) as domain_group
from unnest(%(contact_ids)s::bigint[]) c (contact_id)
left join address a on a.workspace_id = %(workspace_id)s and a.contact_id = c.contact_id and a.channel = %(channel)s
left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
order by c.contact_id
