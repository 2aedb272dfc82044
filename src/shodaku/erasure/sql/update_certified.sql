-- From here on not even the number of the contact is known.
update erasure set state = 'certified', contact_id = null where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'purged'
