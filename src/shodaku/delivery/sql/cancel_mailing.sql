-- Final.
update mailing set state = 'cancelled', ended_at = %(now)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state in ('running', 'paused')
