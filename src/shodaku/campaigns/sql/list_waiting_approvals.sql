-- What waits for a second person, the oldest first.
select p.approval_id, p.campaign_id, p.preflight_id, p.content_sha256, p.people, p.state, p.note, p.asked_by, p.asked_at, p.words, p.decided_by, p.decided_at, p.claimed, c.name from launch_approval p
join campaign c on c.workspace_id = p.workspace_id and c.campaign_id = p.campaign_id
where p.workspace_id = %(workspace_id)s and p.state = 'asked' and c.state = 'draft'
order by p.approval_id limit %(rows_max)s
