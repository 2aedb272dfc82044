-- As it was counted last.
select counts, at, ended from campaign_report where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
