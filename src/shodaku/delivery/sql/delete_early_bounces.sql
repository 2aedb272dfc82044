-- Forget one person.
delete from early_bounce where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
