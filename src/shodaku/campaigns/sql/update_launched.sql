-- In the transaction that planned; saved segments stay in the version that was meant.
update campaign set state = 'running', mailing_id = %(mailing_id)s, planned_count = %(people)s, content_sha256 = %(digest)s,
       conditions = %(conditions)s, launched_by = %(staff_id)s, launched_at = %(now)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
