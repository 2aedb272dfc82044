-- Forget one person.
delete from consent_event where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
