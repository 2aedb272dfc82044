-- What its own rule may decide by now; one of which a variant rests waits for a person, and holds up no other.
select t.campaign_id from trial t
join campaign c on c.workspace_id = t.workspace_id and c.campaign_id = t.campaign_id
where t.workspace_id = %(workspace_id)s and t.held_id is not null and t.winner is null and t.judge_at <= %(now)s
  and t.judged_by <> 'hand' and c.state = 'running'
  and not exists (select from trial_variant v join mailing m on m.workspace_id = v.workspace_id and m.mailing_id = v.mailing_id
                  where v.workspace_id = t.workspace_id and v.campaign_id = t.campaign_id and m.state = 'paused')
order by t.judge_at limit 100
