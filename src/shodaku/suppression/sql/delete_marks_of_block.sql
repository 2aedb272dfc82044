-- Only what this block marked: a mark for another reason is another row.
delete from suppression where workspace_id = %(workspace_id)s and block_no = %(block_no)s and block_no <> 0
