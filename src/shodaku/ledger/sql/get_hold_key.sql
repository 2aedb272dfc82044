-- The wrapped key of one sealing.
select epoch, wrapped from hold_key where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s
