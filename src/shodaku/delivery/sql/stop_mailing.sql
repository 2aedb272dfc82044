-- By itself: a fact of the gate like a pause by hand, with its reason and figures.
update mailing set state = 'paused', stopped_for = %(stopped_for)s, stopped_sent = %(sent)s, stopped_bad = %(bad)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'running'
