-- The first steps are shown to this member, or not any more.
update membership set guide_away = %(away)s where workspace_id = %(workspace_id)s and staff_id = %(staff_id)s
