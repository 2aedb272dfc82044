-- What two persons have agreed to open.
select body from sealed where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s
