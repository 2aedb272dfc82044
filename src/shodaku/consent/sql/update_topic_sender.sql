-- Another sender, held so that nobody retires it meanwhile; whoever locked the topic. No row: it is retired, or there is none.
update topic t set sender_id = s.sender_id
from (select sender_id from sender where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s and retired_at is null for share) s
where t.workspace_id = %(workspace_id)s and t.topic_id = %(topic_id)s
