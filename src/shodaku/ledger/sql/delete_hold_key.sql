-- The day has come: what was sealed under it is noise.
delete from hold_key where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s returning wrapped
