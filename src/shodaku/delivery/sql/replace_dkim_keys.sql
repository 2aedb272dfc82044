-- They sign no more; their records stay published while mails are still under way.
update dkim_key set replaced_at = %(now)s
where workspace_id = %(workspace_id)s and key_id = any(%(key_ids)s) and replaced_at is null and ended_at is null
