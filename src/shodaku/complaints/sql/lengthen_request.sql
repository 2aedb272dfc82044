-- More time, once.
update data_request set due_at = %(due_at)s, lengthened_at = %(now)s, entry_id = coalesce(%(entry_id)s, entry_id)
where workspace_id = %(workspace_id)s and request_id = %(request_id)s and ended_at is null and lengthened_at is null
