-- What is kept sealed, and not past its day.
select workspace_id, hold_id from sealed where workspace_id = %(workspace_id)s and destroy_after > clock_timestamp()
