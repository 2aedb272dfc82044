-- Of one person: what is to be done first, then the newest.
select contact_id, note_no, text, written_by, at, due_on, whose, done_at from contact_note
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
order by (due_on is not null and done_at is null) desc, due_on, note_no desc
