-- What came back about one person, oldest first; a restored address is a mark between them, and no report.
select kind, status, mailing_id, at from feedback
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and status <> 'RESTORED' order by feedback_no
