-- After a restore: advertisements that ran when the dump was made may have been sent since.
update mailing set state = 'paused' where workspace_id = %(workspace_id)s and state = 'running' and promotional and launched_at <= %(now)s
returning mailing_id
