-- Acts without a person are numbered one after the other: hold the workspace's own lock until the commit.
select pg_advisory_xact_lock(7241, %(workspace_id)s)
