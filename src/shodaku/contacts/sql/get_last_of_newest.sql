-- The last contact of those that are looked at, newest first; none if they are fewer.
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id < %(before)s
order by contact_id desc offset %(looked_at_max)s - 1 limit 1
