-- Which mail asks.
update reconfirmation set mailing_id = %(mailing_id)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and reconfirmation_id = %(reconfirmation_id)s
