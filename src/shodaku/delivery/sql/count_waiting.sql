-- People of mailings to many who wait until that moment, by the group of their receivers: their chunks leave in turn with those of the next one.
select coalesce(c.domain_group, %(other)s) as domain_group, sum(cardinality(c.contact_ids))::int as people
from chunk c join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
where c.workspace_id = %(workspace_id)s and c.state = 'planned' and m.state = 'running' and m.kind in ('campaign', 'reconfirm')
  and (m.starts_at is null or m.starts_at <= %(until)s)
group by 1
