-- Highest first.
select topic_id, rate, measured_at, released_at from complaint_level where workspace_id = %(workspace_id)s order by rate desc, topic_id
