-- What was asked or approved holds no more: it was used, taken back, or the content is another one. Who decided stays.
update launch_approval set state = %(state)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state in ('asked', 'approved')
