-- Who of these people was asked whether to go on since then.
select distinct contact_id from reconfirmation
where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s::bigint[]) and state <> 'unsent' and asked_at >= %(since)s
