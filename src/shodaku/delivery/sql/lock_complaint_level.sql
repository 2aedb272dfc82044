-- Held while it is released; null: the topic was never measured.
select topic_id from complaint_level where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s for update
