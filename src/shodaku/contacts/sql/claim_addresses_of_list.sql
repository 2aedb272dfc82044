-- As claim_new_addresses, of one list: in the order of the tokens, so that two lists never wait for each other in a ring.
insert into address_claim (workspace_id, channel, token, pepper_epoch, contact_id)
select %(workspace_id)s, %(channel)s, each.token, %(epoch)s, each.contact_id
from unnest(%(claimed_tokens)s::bytea[], %(claimed_ids)s::bigint[]) as each (token, contact_id)
on conflict (workspace_id, channel, token) do nothing
returning contact_id
