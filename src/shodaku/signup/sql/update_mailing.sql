-- Which mail asks.
update signup_request set mailing_id = %(mailing_id)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and request_id = %(request_id)s
