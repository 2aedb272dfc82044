-- Which key will be destroyed: known before it is, and of two that were made the first one.
update erasure set key_id_sha256 = coalesce(nullif(key_id_sha256, ''), %(key_id_sha256)s)
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'sealed'
