-- From the check to the import, once.
update import_batch set state = 'running', started_at = %(now)s, counts = '{}', rows_done = 0
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'checked'
