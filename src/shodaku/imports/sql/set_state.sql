-- Paused, or going on; waits for the portion that is just being committed.
update import_batch set state = %(after)s where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state = %(before)s
