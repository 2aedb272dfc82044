-- A link works once: of two presses the second finds nothing.
delete from invitation where workspace_id = %(workspace_id)s and invitation_id = %(invitation_id)s and expires_at > %(now)s
returning invitation_id, email, role, locale, mailing_id, created_at, expires_at
