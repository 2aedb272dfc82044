-- The application may not delete feedback; it may ask for that of one person.
select erase_feedback(%(workspace_id)s, %(contact_id)s)
