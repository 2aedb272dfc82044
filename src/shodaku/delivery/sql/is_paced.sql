-- Is there a limit for everything that the workspace sends, whatever carries it?
select exists (select from pace where workspace_id = %(workspace_id)s and route_id = 0)
