-- Wrapped keys of the people asked for.
select epoch, wrapped, contact_id from person_key where workspace_id = %(workspace_id)s and contact_id = any(%(ids)s::bigint[])
