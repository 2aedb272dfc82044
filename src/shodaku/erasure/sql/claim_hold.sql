-- The number of the sealing, decided once: a step that is repeated finds the same key.
update erasure set hold_id = coalesce(hold_id, %(hold_id)s) where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s
returning hold_id
