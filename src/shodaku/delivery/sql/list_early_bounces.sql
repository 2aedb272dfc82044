-- What waits for our own result, oldest first.
select contact_id, mailing_id, channel, status, at_data_end, at from early_bounce
where workspace_id = %(workspace_id)s order by at limit %(rows_max)s
