-- A content to begin from.
insert into mail_template (workspace_id, name, subject, document, saved_by, saved_at)
values (%(workspace_id)s, %(name)s, %(subject)s, %(document)s, %(by)s, %(now)s)
returning template_id
