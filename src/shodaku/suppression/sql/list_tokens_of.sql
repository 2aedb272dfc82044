-- The keyed tokens of people, for the lines about them.
select contact_id, token, broad_token, pepper_epoch from address
where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s::bigint[])
order by contact_id, channel
