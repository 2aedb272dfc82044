-- All rows have their verdict; nothing, if it was paused meanwhile.
update import_batch set state = 'done', rows_total = rows_done, ended_at = clock_timestamp()
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'running'
