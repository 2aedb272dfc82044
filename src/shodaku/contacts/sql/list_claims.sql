-- Which of these addresses are known, and whose.
select token, contact_id from address_claim where workspace_id = %(workspace_id)s and channel = %(channel)s and token = any(%(tokens)s::bytea[])
