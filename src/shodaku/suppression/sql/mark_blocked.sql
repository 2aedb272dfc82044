-- Addresses that are there already; those to come are marked by their trigger.
insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at, block_no)
select a.workspace_id, a.token, 'strict', a.norm, a.pepper_epoch, 'blocked', %(now)s, %(block_no)s
from address a
where a.workspace_id = %(workspace_id)s and a.channel = 'email' and shodaku_blocks(%(kind)s, %(value)s, a.key)
on conflict (workspace_id, token, block_no) do nothing
