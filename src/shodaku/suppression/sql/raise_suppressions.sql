-- The same marks with one layer more. Rows go and come, for nobody may change one.
with pair as (
    select * from unnest(%(before)s::bytea[], %(after)s::bytea[]) as each (before, after)
), gone as (
    delete from suppression s using pair
    where s.workspace_id = %(workspace_id)s and s.token = pair.before and s.pepper_epoch < %(epoch)s
    returning pair.after, s.strength, s.norm, s.reason, s.at, s.block_no
)
insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at, block_no)
select %(workspace_id)s, after, strength, norm, %(epoch)s, reason, at, block_no from gone
on conflict (workspace_id, token, block_no) do nothing
