-- What is left of a mailing.
select no, nullif(not_before, '-infinity') as not_before from chunk where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'planned' order by no
