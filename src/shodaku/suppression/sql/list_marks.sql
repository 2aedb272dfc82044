-- A page of the list as tokens, after the last one taken; what a block marked belongs to the block.
select strength, token, reason from suppression
where workspace_id = %(workspace_id)s and strength = %(strength)s and block_no = 0 and token > %(after)s
order by token limit %(rows_max)s
