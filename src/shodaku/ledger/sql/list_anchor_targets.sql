-- Where checkpoints are put outside, each with the newest that arrived there.
select t.target_id, t.kind, t.place, t.vkey, t.created_at, t.tried_at, t.fault, a.size, a.at
from ledger_anchor_target t
left join lateral (select n.size, n.at from ledger_anchor n where n.workspace_id = t.workspace_id and n.target_id = t.target_id
                   order by n.size desc limit 1) a on true
where t.workspace_id = %(workspace_id)s and t.removed_at is null order by t.target_id
