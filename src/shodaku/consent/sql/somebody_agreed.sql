-- Has anybody ever been asked about this topic, or agreed to it?
select exists (select from consent where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s)
