-- So that of many questions at once none is missed in the count.
select pg_advisory_xact_lock(7248, %(workspace_id)s)
