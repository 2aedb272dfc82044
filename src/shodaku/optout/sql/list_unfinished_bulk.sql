-- What a lost job may have left: it gets one again.
select bulk_id, state from bulk_act where workspace_id = %(workspace_id)s and state in ('choosing', 'running')
