-- Once; the caller holds the campaign's row.
update trial set winner = %(no)s, decided_at = %(now)s, decided_by = %(staff_id)s, by_command = %(by_command)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and held_id is not null and winner is null
