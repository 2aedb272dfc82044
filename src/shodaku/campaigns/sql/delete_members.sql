-- Names are kept for one count of a campaign alone (0: for none).
delete from preflight_member where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and preflight_id <> %(but)s
