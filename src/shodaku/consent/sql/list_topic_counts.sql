-- As they were counted last; none in a workspace that is counted while somebody waits.
select topic_id, active, pending, counted_at from topic_count where workspace_id = %(workspace_id)s
