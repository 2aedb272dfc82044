-- From now on others wait for what comes of it.
update trial set split_key = %(split_key)s, judge_at = %(judge_at)s, held_id = %(held_id)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
