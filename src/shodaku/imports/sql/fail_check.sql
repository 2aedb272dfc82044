-- The file as a whole cannot be read as declared; the declaration may be changed.
update import_batch set state = 'draft', fault = %(fault)s, findings = %(findings)s
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'checking'
