-- A check is asked for, once; the size says whether somebody waits for it.
update import_batch set state = 'checking', findings = null, counts = '{}', rows_done = 0, fault = null
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'draft' returning file_bytes
