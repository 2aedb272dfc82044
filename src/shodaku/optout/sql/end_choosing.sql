-- The preview is there, or too many were found: once.
update bulk_act set state = %(state)s, people = %(people)s, unchanged = %(unchanged)s, reasons = %(reasons)s, others = %(others)s
where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'choosing'
