-- The link is unknown from here on.
update erasure set certificate_key = null where workspace_id = %(workspace_id)s and erasure_id = any(%(erasures)s::bigint[])
