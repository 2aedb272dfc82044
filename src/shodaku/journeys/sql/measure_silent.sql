-- How many people have consents without a sign of life, by topic, asked about or not: advertising to them is refused.
select k.topic_id, count(*)::int as people, min(coalesce(k.last_contact_at, k.since)) as oldest_at
from consent k join topic t on t.workspace_id = k.workspace_id and t.topic_id = k.topic_id and t.archived_at is null
where k.workspace_id = %(workspace_id)s and k.state = 'active' and k.channel = 'email'
  and (k.expires_at is null or k.expires_at > %(now)s) and coalesce(k.last_contact_at, k.since) < %(silent_before)s
  and not exists (select from delivery d where d.workspace_id = k.workspace_id and d.contact_id = k.contact_id and d.topic_id is not null
                  and d.outcome in ('accepted', 'uncertain') and d.at >= %(silent_before)s
                  and d.week >= (%(silent_before)s::timestamptz - interval '35 days')::date)
group by k.topic_id
