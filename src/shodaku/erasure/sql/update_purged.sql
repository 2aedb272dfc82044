-- In the transaction that purged.
update erasure set state = 'purged', counts = %(counts)s where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'key_destroyed'
