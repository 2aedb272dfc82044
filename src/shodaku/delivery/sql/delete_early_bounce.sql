-- Acted on, or too old to be believed; one that came meanwhile stays.
delete from early_bounce
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and mailing_id = %(mailing_id)s
  and channel = %(channel)s and status = %(status)s
