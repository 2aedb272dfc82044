-- One desk, open or closed.
select desk_no, form_id, place, desk, opened_at, opened_by, closes_at, closed_at, entries, last_at from form_desk where workspace_id = %(workspace_id)s and desk_no = %(desk_no)s
