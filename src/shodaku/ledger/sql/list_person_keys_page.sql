-- For a rotation: a slice of the keys under older epochs, by their primary key, so that a pass reads each row once.
select epoch, wrapped, workspace_id, contact_id from person_key
where (workspace_id, contact_id) > (%(workspace_id)s, %(subject_id)s) and epoch < %(epoch)s
order by workspace_id, contact_id limit %(rows_max)s
