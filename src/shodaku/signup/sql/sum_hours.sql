-- What is usual: the days before this hour.
select sum(posts)::bigint from form_hour
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and hour >= %(since)s and hour < %(hour)s
