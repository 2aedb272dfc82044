-- Forget one person.
delete from signup_request where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
