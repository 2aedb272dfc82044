-- Topics that have back numbers; a look into the index for each topic, however many numbers there are.
select t.topic_id from topic t
where t.workspace_id = %(workspace_id)s
  and exists (select from back_number b where b.workspace_id = t.workspace_id and b.topic_id = t.topic_id)
order by t.topic_id
