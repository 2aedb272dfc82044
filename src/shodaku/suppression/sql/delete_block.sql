-- The form alone; its marks go by themselves.
delete from suppression_block where workspace_id = %(workspace_id)s and block_no = %(block_no)s
