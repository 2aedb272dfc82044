-- The private part is gone; the row says until when it signed.
update dkim_key set ended_at = %(now)s, wrapped = null, fault = ''
where workspace_id = %(workspace_id)s and key_id = any(%(key_ids)s) and ended_at is null
