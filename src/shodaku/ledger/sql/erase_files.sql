-- Every scan of one person goes; through the eraser's function, for the application may not delete here.
select erase_files(%(workspace_id)s, %(contact_id)s)
