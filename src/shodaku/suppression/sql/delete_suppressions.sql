-- The person came back by their own confirmed sign-up; what a block marked is no one person's to lift.
delete from suppression where workspace_id = %(workspace_id)s and token = any(%(tokens)s::bytea[]) and block_no = 0
