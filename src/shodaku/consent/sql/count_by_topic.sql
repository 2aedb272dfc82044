-- Readers and waiting ones of each topic; whose time has come is no reader, whatever the clock's job has got to.
select topic_id, count(*) filter (where state = 'active' and (expires_at is null or expires_at > now())) as active,
       count(*) filter (where state = 'pending') as pending, null::timestamptz as counted_at
from consent where workspace_id = %(workspace_id)s and channel = 'email' group by topic_id
