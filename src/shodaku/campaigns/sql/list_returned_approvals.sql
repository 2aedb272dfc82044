-- What came back to the one who asked, of drafts of which nothing was asked since; the newest first.
select p.approval_id, p.campaign_id, p.preflight_id, p.content_sha256, p.people, p.state, p.note, p.asked_by, p.asked_at, p.words, p.decided_by, p.decided_at, p.claimed, c.name from launch_approval p
join campaign c on c.workspace_id = p.workspace_id and c.campaign_id = p.campaign_id
where p.workspace_id = %(workspace_id)s and p.state = 'returned' and p.asked_by = %(staff_id)s and c.state = 'draft'
  and not exists (select from launch_approval n where n.workspace_id = p.workspace_id and n.campaign_id = p.campaign_id and n.approval_id > p.approval_id)
order by p.approval_id desc limit %(rows_max)s
