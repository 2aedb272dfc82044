-- Its key is gone; the noise goes too.
delete from sealed where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s
