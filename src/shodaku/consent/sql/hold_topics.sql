-- Nobody puts one of them away, or gives it another sender, until the transaction ends; how they are is read in the next statement.
select topic_id from topic where workspace_id = %(workspace_id)s and topic_id = any(%(topics)s::int[]) order by topic_id for share
