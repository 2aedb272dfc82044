-- It was started before its time.
update trial set judge_at = %(now)s + hours * interval '1 hour'
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and winner is null
