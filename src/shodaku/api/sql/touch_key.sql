-- Once a day, so that a key in use costs no write a call.
update api_key set last_used_on = %(today)s where workspace_id = %(workspace_id)s and key_id = %(key_id)s
