-- What was told with one request that is still open.
select answers from signup_request
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and request_id = %(request_id)s and state = 'requested'
