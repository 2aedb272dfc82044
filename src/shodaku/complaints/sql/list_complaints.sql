-- What came to the desk, newest first.
select complaint_id, kind, found, entry_id, at from complaint where workspace_id = %(workspace_id)s order by complaint_id desc limit %(rows_max)s
