-- Would the workspace still have an owner?
select count(*) from membership where workspace_id = %(workspace_id)s and staff_id <> %(staff_id)s and role = 'owner'
