-- Of those we could not hold: who is there at all, though locked by somebody. The others are erased and leave the chunk.
select contact_id from contact where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s::bigint[])
