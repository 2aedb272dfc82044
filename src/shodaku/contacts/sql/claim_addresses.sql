-- Who owns each address after this: the first who claimed it. In the given order, which the caller sorts by token.
-- do update (to itself) instead of do nothing: only so does RETURNING name the owner of an address that was claimed before.
with wanted as (
    select * from unnest(%(channels)s::text[], %(tokens)s::bytea[], %(epochs)s::smallint[], %(ids)s::bigint[])
        with ordinality as each (channel, token, pepper_epoch, contact_id, position)
), first_wanted as (
    select distinct on (channel, token) channel, token, pepper_epoch, contact_id from wanted order by channel, token, position
), claimed as (
    insert into address_claim as c (workspace_id, channel, token, pepper_epoch, contact_id)
    select %(workspace_id)s, channel, token, pepper_epoch, contact_id from first_wanted
    on conflict (workspace_id, channel, token) do update set contact_id = c.contact_id
    returning channel, token, contact_id
)
select claimed.contact_id from wanted join claimed using (channel, token) order by wanted.position
