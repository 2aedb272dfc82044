-- Somebody is asked to work here.
insert into invitation (workspace_id, email, role, locale, invited_by, created_at, expires_at)
values (%(workspace_id)s, %(email)s, %(role)s, %(locale)s, %(invited_by)s, %(now)s, %(expires_at)s)
returning invitation_id
