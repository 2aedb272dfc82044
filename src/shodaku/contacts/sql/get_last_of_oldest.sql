-- As get_last_of_newest, the oldest first.
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id > %(after)s
order by contact_id offset %(looked_at_max)s - 1 limit 1
