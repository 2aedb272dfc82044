-- The workspace sells to consumers at a distance, or does not any more.
update workspace set b2c_mail_order = %(on)s where workspace_id = %(workspace_id)s
