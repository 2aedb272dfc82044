-- The slice under way is the last one.
update bulk_act set state = 'paused' where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'running'
