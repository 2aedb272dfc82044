-- What waited for the start of its mailing waits no more.
update chunk set not_before = %(now)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'planned' and not_before > %(now)s
