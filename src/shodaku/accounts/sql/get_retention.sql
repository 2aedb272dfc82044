-- What decides how long evidence is kept, and on whose clock its months are counted.
select evidence_retention, b2c_mail_order, timezone from workspace where workspace_id = %(workspace_id)s
