-- One at a time brings and removes files in a workspace: else a body could go that another draft has just taken.
select pg_advisory_xact_lock(hashtext('carried_file'), %(workspace_id)s)
