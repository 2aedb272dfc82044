-- The next batch, in the order of numbers.
select contact_id, feedback_no, mailing_id, kind, status, at from feedback
where workspace_id = %(workspace_id)s and feedback_no > %(after)s order by feedback_no limit %(rows_max)s
