-- Nobody writes tokens of this workspace until the commit; who has just written some is waited for.
select pg_advisory_xact_lock(7247, %(workspace_id)s)
