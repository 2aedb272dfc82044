-- Who has just become the owner of an address, in the given order, which the caller sorts by token. Who is left out was known:
-- list_claims, a statement of its own and thus of a later snapshot, names their owners. (Naming them here took three sorts, 7 us a row against 4.)
insert into address_claim (workspace_id, channel, token, pepper_epoch, contact_id)
select %(workspace_id)s, each.channel, each.token, each.pepper_epoch, each.contact_id
from unnest(%(channels)s::text[], %(tokens)s::bytea[], %(epochs)s::smallint[], %(ids)s::bigint[]) as each (channel, token, pepper_epoch, contact_id)
on conflict (workspace_id, channel, token) do nothing
returning contact_id
