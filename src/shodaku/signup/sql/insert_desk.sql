-- A desk that was opened.
insert into form_desk (workspace_id, form_id, place, desk, opened_at, opened_by, closes_at)
values (%(workspace_id)s, %(form_id)s, %(place)s, %(desk)s, %(now)s, %(staff_id)s, %(closes_at)s)
returning desk_no
