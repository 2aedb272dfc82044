-- A draft is thrown away: the names behind its counts.
delete from preflight_member where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
