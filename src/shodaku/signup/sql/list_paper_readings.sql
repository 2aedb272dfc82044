-- What was keyed in from a sheet so far.
select look, staff_id, body, at from paper_reading where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s order by look
