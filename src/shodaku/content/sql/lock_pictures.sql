-- One at a time adds, describes and removes pictures in a workspace: the limit holds, and none goes that a launch just noted.
select pg_advisory_xact_lock(hashtext('picture'), %(workspace_id)s)
