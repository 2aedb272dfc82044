-- The role somebody has now.
select role from membership where workspace_id = %(workspace_id)s and staff_id = %(staff_id)s
