-- How far the check is.
update import_batch set rows_done = %(rows)s where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'checking'
