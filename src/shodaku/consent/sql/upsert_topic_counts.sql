-- As count_by_topic, kept for the pages of a large workspace.
insert into topic_count (workspace_id, topic_id, active, pending, counted_at)
select %(workspace_id)s, t.topic_id, coalesce(c.active, 0), coalesce(c.pending, 0), %(now)s
from topic t left join (
    select topic_id, count(*) filter (where state = 'active' and (expires_at is null or expires_at > %(now)s)) as active,
           count(*) filter (where state = 'pending') as pending
    from consent where workspace_id = %(workspace_id)s and channel = 'email' group by topic_id
) c using (topic_id)
where t.workspace_id = %(workspace_id)s
on conflict (workspace_id, topic_id) do update
set active = excluded.active, pending = excluded.pending, counted_at = excluded.counted_at
