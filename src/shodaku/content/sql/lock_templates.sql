-- One at a time saves templates in a workspace, so that the limit holds.
select pg_advisory_xact_lock(hashtext('mail_template'), %(workspace_id)s)
