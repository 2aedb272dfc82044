-- By link: people and clicks that count, and what programs did. One pass by link and person: distinct people of a million clicks cost a sort.
select x.link, (count(*) filter (where x.clicks > 0))::int as people, coalesce(sum(x.clicks), 0)::int as clicks, coalesce(sum(x.programs), 0)::int as programs
from (select h.link, h.contact_id, count(*) filter (where h.actor = 'human') as clicks, count(*) filter (where h.actor <> 'human') as programs
      from hit h where h.workspace_id = %(workspace_id)s and h.mailing_id = %(mailing_id)s group by h.link, h.contact_id) x
group by x.link order by x.link
