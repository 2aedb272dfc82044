-- A count is all that may be shown of the list.
select count(*) from suppression where workspace_id = %(workspace_id)s and strength = 'strict' and block_no = 0
