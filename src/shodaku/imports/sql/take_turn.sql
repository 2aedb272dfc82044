-- Locks the batch until the portion is committed; nothing, if it is paused, or another run committed this portion.
update import_batch set portions = portions + 1
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = 'running' and portions = %(portion)s
