-- Look up by token alone: the table knows no address.
select token, strength, reason, at from suppression where workspace_id = %(workspace_id)s and token = any(%(tokens)s::bytea[])
order by block_no desc
