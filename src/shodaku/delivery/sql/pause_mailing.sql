-- A fact of the gate: no chunk opens while it says paused.
update mailing set state = 'paused' where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and state = 'running' and launched_at <= %(now)s
