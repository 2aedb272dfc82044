-- The second person agrees; the table itself refuses the first.
update unsealing set approved_by = %(by)s, approved_at = %(now)s
where workspace_id = %(workspace_id)s and unsealing_id = %(unsealing_id)s and approved_at is null
