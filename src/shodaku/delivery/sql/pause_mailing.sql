-- A fact of the gate: no chunk opens while it says paused. What goes once more to some of its people rests with it.
update mailing set state = 'paused' where workspace_id = %(workspace_id)s and (mailing_id = %(mailing_id)s or repeats = %(mailing_id)s) and state = 'running' and launched_at <= %(now)s
