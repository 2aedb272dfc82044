-- Has this member put the first steps away?
select guide_away from membership where workspace_id = %(workspace_id)s and staff_id = %(staff_id)s
