-- From here on neither the number of the contact nor that of the sealing is known.
update erasure set state = 'certified', contact_id = null, hold_id = null
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'purged'
