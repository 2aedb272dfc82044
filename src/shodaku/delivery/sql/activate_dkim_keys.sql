-- They sign from here on.
update dkim_key set active_at = %(now)s
where workspace_id = %(workspace_id)s and key_id = any(%(key_ids)s) and active_at is null and ended_at is null
