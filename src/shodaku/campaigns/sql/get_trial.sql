-- How the variants of a campaign are tried.
select campaign_id, share_percent, judged_by, hours, judge_at, held_id, winner, decided_at, decided_by, by_command from trial
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
