-- Forget one person.
delete from basis where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
