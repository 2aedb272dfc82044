-- Versions of policies are numbered one after the other: hold the workspace's own lock until the commit. Always before ledger/lock_acts.
select pg_advisory_xact_lock(7246, %(workspace_id)s)
