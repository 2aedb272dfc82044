-- It ends without being opened.
update unsealing set declined_by = %(by)s, declined_at = %(now)s
where workspace_id = %(workspace_id)s and unsealing_id = %(unsealing_id)s and declined_at is null
