-- A page of addresses whose tokens lack a layer. Nowait: who holds one of them may be waiting for us already.
select contact_id, channel, token, broad_token from address
where workspace_id = %(workspace_id)s and pepper_epoch < %(epoch)s and (contact_id, channel) > (%(contact_id)s, %(channel)s)
order by contact_id, channel limit %(rows_max)s for no key update nowait
