-- Who is asked to work here, and until when; what ended stands until the night.
select invitation_id, email, role, locale, mailing_id, created_at, expires_at from invitation
where workspace_id = %(workspace_id)s order by created_at, invitation_id
