-- Readers and waiting ones of each topic.
select topic_id, count(*) filter (where state = 'active') as active, count(*) filter (where state = 'pending') as pending
from consent where workspace_id = %(workspace_id)s and channel = 'email' group by topic_id
