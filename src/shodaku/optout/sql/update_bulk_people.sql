-- How many were found so far, for who is waiting; not while it is anything but being chosen.
update bulk_act set people = %(people)s where workspace_id = %(workspace_id)s and bulk_id = %(bulk_id)s and state = 'choosing'
