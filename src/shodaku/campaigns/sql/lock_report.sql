-- One count at a time: two would each merge into what the other replaced.
select counts, at, ended from campaign_report where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s for update
