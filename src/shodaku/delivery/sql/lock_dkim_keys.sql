-- Who makes, activates or ends a key of a domain does so alone in the workspace, until the commit.
select pg_advisory_xact_lock(7249, %(workspace_id)s)
