-- After the key is gone from the vault. A crash in between repeats the step.
update erasure set state = 'key_destroyed', key_id_sha256 = coalesce(key_id_sha256, '')
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'sealed'
