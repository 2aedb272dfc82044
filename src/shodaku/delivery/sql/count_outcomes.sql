-- What became of the people of a mailing, by receiver, outcome and reason: one pass over the one partition of its week, for a report that a chore keeps.
select coalesce(g.name, %(other)s) as domain_group, d.outcome, d.reason, count(*)::int as people
from delivery d
left join address a on a.workspace_id = d.workspace_id and a.contact_id = d.contact_id and a.channel = d.channel
left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s
  and d.week = (select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
group by 1, 2, 3 order by 1, 2, 3
