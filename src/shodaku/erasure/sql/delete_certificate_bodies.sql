-- What the link opened is destroyed; that there was a certificate, and its entry, stay.
update certificate set body = null, destroy_after = null where workspace_id = %(workspace_id)s and erasure_id = any(%(erasures)s::bigint[])
