-- Forget one person.
delete from contact_note where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
