-- Wrapped keys of the people asked for.
select contact_id, epoch, wrapped from person_key where workspace_id = %(workspace_id)s and contact_id = any(%(ids)s::bigint[])
