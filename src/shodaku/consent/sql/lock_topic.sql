-- One change of a topic at a time, and since when it stands as it does if nobody changed it yet.
select created_at from topic where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s for update
