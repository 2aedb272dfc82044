-- Out of every list; the counts themselves stay.
update preflight_member set contact_ids = array_remove(contact_ids, %(contact_id)s::bigint)
where workspace_id = %(workspace_id)s and lowest <= %(contact_id)s and highest >= %(contact_id)s and contact_ids @> array[%(contact_id)s::bigint]
