-- A slice of keys under another epoch, and how many of each workspace, in one step. Only where the row is still the one
-- that was read: what was replaced or destroyed meanwhile stays so (compare and set).
with each as (
    select * from unnest(%(workspaces)s::int[], %(subjects)s::bigint[], %(before)b::bytea[], %(after)b::bytea[])
                  as each (workspace_id, contact_id, before, after)
), changed as (
    update person_key k set epoch = %(epoch)s, wrapped = each.after from each
    where k.workspace_id = each.workspace_id and k.contact_id = each.contact_id and k.wrapped = each.before
    returning k.workspace_id
)
insert into rewrapped as so_far (purpose, epoch, workspace_id, keys)
select 'kek', %(epoch)s, workspace_id, count(*) from changed group by workspace_id
on conflict (purpose, epoch, workspace_id) do update set keys = so_far.keys + excluded.keys
