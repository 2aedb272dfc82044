-- Reports of abuse per accepted mail of each topic in 30 days; a person who reports twice counts once a mailing.
select d.topic_id, least(1.0, (count(distinct (f.contact_id, f.mailing_id)) filter (where f.kind = 'complaint'))::float / count(distinct (d.contact_id, d.mailing_id))) as rate
from delivery d
left join feedback f on f.workspace_id = d.workspace_id and f.contact_id = d.contact_id and f.mailing_id = d.mailing_id
where d.workspace_id = %(workspace_id)s and d.week >= (%(now)s::timestamptz - interval '65 days')::date
  and d.at > %(now)s::timestamptz - interval '30 days' and d.topic_id is not null and d.outcome = 'accepted'
group by d.topic_id order by d.topic_id
