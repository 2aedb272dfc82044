-- By the number, or by the mail whose link was followed.
select invitation_id, email, role, locale, mailing_id, created_at, expires_at from invitation
where workspace_id = %(workspace_id)s and (invitation_id = %(invitation_id)s or mailing_id = %(mailing_id)s) and expires_at > %(now)s
