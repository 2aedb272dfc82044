-- Of how many people a mailing came back, or was reported, by receiver; of several reports of one person's mail the gravest counts.
select coalesce(g.name, %(other)s) as domain_group, f.kind, f.status, count(*)::int as people
from (select distinct on (r.contact_id, r.kind = 'complaint') r.contact_id, r.kind, r.status from feedback r
      where r.workspace_id = %(workspace_id)s and r.mailing_id = %(mailing_id)s and r.feedback_no > 0 -- which is true of all: see 0022_report
      order by r.contact_id, r.kind = 'complaint', case r.kind when 'hard' then 1 when 'soft' then 2 else 3 end, r.feedback_no) f
left join address a on a.workspace_id = %(workspace_id)s and a.contact_id = f.contact_id and a.channel = %(channel)s
left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
group by 1, 2, 3 order by 1, 2, 3
