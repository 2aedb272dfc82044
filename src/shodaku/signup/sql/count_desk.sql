-- One more form was sent at this desk; nothing, if it takes none any more.
update form_desk set entries = entries + 1, last_at = %(now)s
where workspace_id = %(workspace_id)s and desk_no = %(desk_no)s and closed_at is null and closes_at > %(now)s and entries < %(entries_max)s
