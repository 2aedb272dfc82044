-- From now on the rate is counted anew: a pause is no slowness.
update import_batch set moved_at = %(now)s, moved_rows = rows_done
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'running'
