-- The number of what messages say now.
select max(version) from sender_version where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
