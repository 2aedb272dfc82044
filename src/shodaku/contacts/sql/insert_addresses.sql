-- Their addresses.
insert into address (workspace_id, contact_id, channel, value, key, wire, token, broad_token, pepper_epoch, created_at)
select %(workspace_id)s, each.*, %(now)s
from unnest(%(ids)s::bigint[], %(channels)s::text[], %(addresses)s::text[], %(keys)s::text[], %(wires)s::text[],
            %(tokens)s::bytea[], %(broad_tokens)s::bytea[], %(epochs)s::smallint[]) as each
