-- Only what is still open is decided; the caller holds the campaign's row.
update launch_approval set state = %(state)s, words = %(words)s, decided_by = %(staff_id)s, decided_at = %(now)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and approval_id = %(approval_id)s and state = 'asked'
