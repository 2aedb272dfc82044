-- What was asked for last, and what became of it.
select approval_id, campaign_id, preflight_id, content_sha256, people, state, note, asked_by, asked_at, words, decided_by, decided_at, claimed from launch_approval
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s order by approval_id desc limit 1
