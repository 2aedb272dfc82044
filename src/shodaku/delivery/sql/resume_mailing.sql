-- The jobs of its chunks ended early while it was paused; they are written again.
update mailing set state = 'running' where workspace_id = %(workspace_id)s and (mailing_id = %(mailing_id)s or repeats = %(mailing_id)s) and state = 'paused' and launched_at <= %(now)s
returning mailing_id, kind
