-- The same sealing, its marks with one layer more.
update sealed set lookups = %(lookups)s::bytea[], pepper_epoch = %(epoch)s
where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s and pepper_epoch < %(epoch)s
