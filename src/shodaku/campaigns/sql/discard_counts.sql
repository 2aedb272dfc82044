-- A draft is thrown away: what was counted for it.
delete from preflight where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
