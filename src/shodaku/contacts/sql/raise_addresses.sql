-- The same addresses, their tokens with one layer more.
update address a set token = each.token, broad_token = each.broad_token, pepper_epoch = %(epoch)s
from unnest(%(ids)s::bigint[], %(channels)s::text[], %(tokens)s::bytea[], %(broad_tokens)s::bytea[]) as each (contact_id, channel, token, broad_token)
where a.workspace_id = %(workspace_id)s and a.contact_id = each.contact_id and a.channel = each.channel
