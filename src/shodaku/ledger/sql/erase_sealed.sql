-- Everything sealed for one person goes; through the eraser's function, for the application may not delete here.
select erase_sealed(%(workspace_id)s, %(contact_id)s)
