-- Why the console says that a mailing rests: the database was restored while it ran.
select mailing_id from replay_paused where workspace_id = %(workspace_id)s order by mailing_id
