-- What a workspace keeps out besides single addresses.
select block_no, kind, value, reason, at, by from suppression_block where workspace_id = %(workspace_id)s order by block_no desc
