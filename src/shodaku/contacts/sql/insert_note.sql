-- A note or a task; not one more than a person's page holds.
insert into contact_note (workspace_id, contact_id, text, written_by, at, due_on, whose)
select %(workspace_id)s, %(contact_id)s, %(text)s, %(written_by)s, %(now)s, %(due_on)s, %(whose)s
where (select count(*) from contact_note where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s) < %(rows_max)s
