-- An older mark is nobody's any more.
delete from lease where at < clock_timestamp() - interval '1 day'
