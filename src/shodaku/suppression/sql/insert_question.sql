-- One more question; what was asked about stands nowhere. Yesterday's do not count any more.
with old as (delete from suppression_question where workspace_id = %(workspace_id)s and at < %(old)s)
insert into suppression_question (workspace_id, asked_by, at) values (%(workspace_id)s, %(by)s, %(now)s)
