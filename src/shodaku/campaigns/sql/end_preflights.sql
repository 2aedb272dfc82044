-- The newest count alone goes on; an edit or a launch ends every one.
update preflight set state = 'ended'
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state in ('waiting', 'running') and preflight_id <> %(but)s
