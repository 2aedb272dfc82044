-- A topic as the gate would be asked about it.
select t.topic_id, t.sender_id, t.frequency_max, t.frequency_per, t.double_opt_in
from topic t where t.workspace_id = %(workspace_id)s and t.topic_id = %(topic_id)s
