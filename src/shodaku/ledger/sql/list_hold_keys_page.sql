-- As list_person_keys_page, of sealings.
select epoch, wrapped, workspace_id, hold_id from hold_key
where (workspace_id, hold_id) > (%(workspace_id)s, %(subject_id)s) and epoch < %(epoch)s
order by workspace_id, hold_id limit %(rows_max)s
