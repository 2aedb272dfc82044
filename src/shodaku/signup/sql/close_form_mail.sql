-- Mails to it are no longer taken in.
update form_mail set closed_at = %(now)s where workspace_id = %(workspace_id)s and form_id = %(form_id)s and closed_at is null
returning code, domain
