-- Everybody had their turn.
update bulk_act set state = 'done', done_at = %(now)s
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'running' and changed + same + gone = people
