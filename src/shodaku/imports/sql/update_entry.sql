-- The entry that says what was declared.
update import_batch set entry_id = %(entry_id)s where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s
