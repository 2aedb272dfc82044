-- Forget one person: the claims are keyed by token, so they are found by the person's addresses.
delete from address_claim c using address a
where a.workspace_id = %(workspace_id)s and a.contact_id = %(contact_id)s
  and c.workspace_id = a.workspace_id and c.channel = a.channel and c.token = a.token
