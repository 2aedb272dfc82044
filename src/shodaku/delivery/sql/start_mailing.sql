-- Its time comes now. None: it has ended, or its time has come already.
update mailing set starts_at = %(now)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state in ('running', 'paused') and starts_at > %(now)s
returning kind
