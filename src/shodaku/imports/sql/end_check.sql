-- What was found; nothing, if the declaration was changed meanwhile.
update import_batch set state = 'checked', rows_total = %(rows)s, rows_done = 0, counts = %(counts)s, findings = %(findings)s
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'checking'
