-- Who agreed some time ago and has got nothing of it yet, by topic. Beyond the long silence another clock counts them.
select k.topic_id, count(*)::int as people, min(k.since) as oldest_at
from consent k join topic t on t.workspace_id = k.workspace_id and t.topic_id = k.topic_id and t.archived_at is null
where k.workspace_id = %(workspace_id)s and k.state = 'active' and k.channel = 'email'
  and (k.expires_at is null or k.expires_at > %(now)s) and k.since > %(after)s and k.since <= %(due_before)s
  and not exists (select from delivery d where d.workspace_id = k.workspace_id and d.contact_id = k.contact_id and d.topic_id = k.topic_id
                  and d.outcome in ('accepted', 'uncertain') and d.at >= k.since and d.week >= (%(after)s::timestamptz - interval '35 days')::date)
group by k.topic_id
