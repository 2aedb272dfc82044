-- Answered once: a second press finds no open request. What was told besides is the contact's by now, or nobody's.
update signup_request set state = %(state)s, answered_at = %(now)s, answers = '{}'
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and request_id = %(request_id)s and state = 'requested'
