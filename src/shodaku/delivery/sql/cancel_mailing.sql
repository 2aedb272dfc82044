-- Final, for what goes once more to some of its people too.
update mailing set state = 'cancelled', ended_at = %(now)s
where workspace_id = %(workspace_id)s and (mailing_id = %(mailing_id)s or repeats = %(mailing_id)s) and state in ('running', 'paused')
