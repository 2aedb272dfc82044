-- After the key is gone from the vault. A crash in between repeats the step: the hash that was kept first stays.
update erasure set state = 'key_destroyed', key_id_sha256 = coalesce(nullif(key_id_sha256, ''), %(key_id_sha256)s)
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'sealed'
