-- Closed before its time, once.
update form_desk set closed_at = %(now)s, closed_by = %(staff_id)s
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and desk_no = %(desk_no)s and closed_at is null and closes_at > %(now)s
