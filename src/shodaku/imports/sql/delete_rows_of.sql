-- Forget one person.
delete from import_row where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
