-- Given up; what was brought in stays.
update import_batch set state = 'failed', fault = %(fault)s, ended_at = clock_timestamp()
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'running'
