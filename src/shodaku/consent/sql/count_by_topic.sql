-- Readers and waiting ones of each topic; whose time has come is no reader, whatever the clock's job has got to.
select topic_id, count(*) filter (where state = 'active' and (expires_at is null or expires_at > now())) as active,
       count(*) filter (where state = 'pending') as pending
from consent where workspace_id = %(workspace_id)s and channel = 'email' group by topic_id
