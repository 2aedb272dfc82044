-- One address at a time over all workspaces, or two forms would each see an empty list.
select pg_advisory_xact_lock(7242, hashtext(encode(%(token)s::bytea, 'hex')))
