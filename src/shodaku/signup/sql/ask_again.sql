-- The person's latest act about the request is the one that the gate asks about; what they agree to stays in the first entry.
update signup_request set at = %(now)s, asked_again_at = %(now)s, expires_at = %(expires_at)s, mailing_id = %(mailing_id)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and request_id = %(request_id)s and state = 'requested'
