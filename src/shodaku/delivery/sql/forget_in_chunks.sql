-- Out of every plan; a chunk that is open holds the contact's lock, so it has ended before we get here.
update chunk set contact_ids = array_remove(contact_ids, %(contact_id)s::bigint)
where workspace_id = %(workspace_id)s and state <> 'done' and contact_ids @> array[%(contact_id)s::bigint]
