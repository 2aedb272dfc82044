-- Forget one person.
delete from reconfirmation where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
