-- What the workspace is called, which language its own mails are in, and whose clock counts.
update workspace set name = %(name)s, locale = %(locale)s, timezone = %(timezone)s where workspace_id = %(workspace_id)s
