-- Written by mistake, or not needed any more.
delete from contact_note where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and note_no = %(note_no)s
