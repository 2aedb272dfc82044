-- Goes on behind the last slice.
update bulk_act set state = 'running', moving_since = %(now)s, done_before = changed + same + gone
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'paused'
