-- What must be kept is sealed, or nothing had to be.
update erasure set state = 'sealed', sealed_until = %(sealed_until)s
where workspace_id = %(workspace_id)s and erasure_id = %(erasure_id)s and state = 'requested'
