-- What somebody of the staff, or anybody, has to do; the most urgent first.
select contact_id, note_no, text, written_by, at, due_on, whose, done_at from contact_note
where workspace_id = %(workspace_id)s and due_on is not null and done_at is null and (whose is null or whose = %(staff_id)s)
order by due_on, note_no limit %(rows_max)s
