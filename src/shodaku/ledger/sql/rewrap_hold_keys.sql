-- As rewrap_person_keys, of sealings.
with each as (
    select * from unnest(%(workspaces)s::int[], %(subjects)s::uuid[], %(before)b::bytea[], %(after)b::bytea[])
                  as each (workspace_id, hold_id, before, after)
), changed as (
    update hold_key k set epoch = %(epoch)s, wrapped = each.after from each
    where k.workspace_id = each.workspace_id and k.hold_id = each.hold_id and k.wrapped = each.before
    returning k.workspace_id
)
insert into rewrapped as so_far (purpose, epoch, workspace_id, keys)
select 'hold', %(epoch)s, workspace_id, count(*) from changed group by workspace_id
on conflict (purpose, epoch, workspace_id) do update set keys = so_far.keys + excluded.keys
