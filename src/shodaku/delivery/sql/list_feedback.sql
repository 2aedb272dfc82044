-- What came back about one person, oldest first.
select kind, status, mailing_id, at from feedback
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by feedback_no
