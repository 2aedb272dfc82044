-- Desks of a form, newest first, below a number.
select desk_no, form_id, place, desk, opened_at, opened_by, closes_at, closed_at, entries, last_at from form_desk
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and (%(before)s::int is null or desk_no < %(before)s::int)
order by desk_no desc limit %(rows_max)s
