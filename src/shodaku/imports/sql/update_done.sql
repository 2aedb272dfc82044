-- All rows have their verdict.
update import_batch set state = 'done', counts = %(counts)s, ended_at = clock_timestamp() where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s
