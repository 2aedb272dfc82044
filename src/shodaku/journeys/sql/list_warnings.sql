-- What is late, the most pressing kind first.
select kind, topic_id, people, oldest_at, noted_at from clock_warning where workspace_id = %(workspace_id)s
order by array_position(array['WELCOME_LATE', 'FIRST_MAIL_LATE', 'SILENT', 'PURPOSE_MET'], kind), topic_id
