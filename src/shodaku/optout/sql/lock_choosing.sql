-- Is it still being chosen? Held, so that nobody ends the choosing meanwhile.
select bulk_id from bulk_act where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'choosing' for update
