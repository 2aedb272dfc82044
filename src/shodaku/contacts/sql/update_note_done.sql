-- A task is done; once.
update contact_note set done_at = %(now)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and note_no = %(note_no)s and due_on is not null and done_at is null
