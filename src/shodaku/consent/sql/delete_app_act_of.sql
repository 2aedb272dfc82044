-- Forget one person.
delete from app_act where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
