-- Offered no more; campaigns that began from it are their own.
update mail_template set archived_at = %(now)s
where workspace_id = %(workspace_id)s and template_id = %(template_id)s and archived_at is null
