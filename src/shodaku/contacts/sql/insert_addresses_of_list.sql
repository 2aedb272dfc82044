-- Their addresses.
insert into address (workspace_id, contact_id, channel, value, key, wire, token, broad_token, pepper_epoch, created_at)
select %(workspace_id)s, each.contact_id, %(channel)s, each.value, each.key, each.wire, each.token, each.broad_token, %(epoch)s, %(now)s
from unnest(%(ids)s::bigint[], %(addresses)s::text[], %(keys)s::text[], %(wires)s::text[], %(tokens)s::bytea[], %(broad_tokens)s::bytea[])
     as each (contact_id, value, key, wire, token, broad_token)
