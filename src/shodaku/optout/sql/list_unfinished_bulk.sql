-- What a lost job may have left: it gets one again. Not what a page or a job has only begun to choose.
select bulk_id, state from bulk_act where workspace_id = %(workspace_id)s and (state = 'running' or (state = 'choosing' and chosen_at < %(before)s))
