-- An open sheet goes on, or is put aside with a reason.
update paper_sheet set state = %(state)s, reason = %(reason)s, note = %(note)s
where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s
