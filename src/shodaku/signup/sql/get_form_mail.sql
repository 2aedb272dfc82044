-- The address of a form, open or closed; or the open one that this code is of.
select form_id, code, domain, checked_by, opened_at, closed_at, asked, unproved, unproved_at from form_mail
where workspace_id = %(workspace_id)s and (form_id = %(form_id)s or (code = %(code)s and closed_at is null))
