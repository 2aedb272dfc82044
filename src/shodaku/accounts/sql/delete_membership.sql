-- Somebody works here no more.
delete from membership where workspace_id = %(workspace_id)s and staff_id = %(staff_id)s returning role
