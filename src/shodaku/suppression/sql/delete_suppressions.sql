-- The person came back by their own confirmed sign-up.
delete from suppression where workspace_id = %(workspace_id)s and token = any(%(tokens)s::bytea[])
