-- What its own rule may decide by now.
select t.campaign_id from trial t
join campaign c on c.workspace_id = t.workspace_id and c.campaign_id = t.campaign_id
where t.workspace_id = %(workspace_id)s and t.held_id is not null and t.winner is null and t.judge_at <= %(now)s
  and t.judged_by <> 'hand' and c.state = 'running'
order by t.judge_at limit 100
