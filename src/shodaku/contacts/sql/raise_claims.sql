-- The same claims, their token with one layer more.
update address_claim c set token = each.after, pepper_epoch = %(epoch)s
from unnest(%(channels)s::text[], %(before)s::bytea[], %(after)s::bytea[]) as each (channel, before, after)
where c.workspace_id = %(workspace_id)s and c.channel = each.channel and c.token = each.before and c.pepper_epoch < %(epoch)s
