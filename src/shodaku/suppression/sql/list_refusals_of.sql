-- As list_refusals, of several people, each looked up by itself: where the planner takes a workspace for nearly empty, it would else read all who said no.
select x.contact_id, r.scope, r.at, r.topic_id, r.until, r.entry_id
from unnest(%(contacts)s::bigint[]) x (contact_id)
cross join lateral (
    select f.scope, f.at, f.topic_id, f.until, f.entry_id, f.refusal_no from refusal f
    where f.workspace_id = %(workspace_id)s and f.contact_id = x.contact_id offset 0) r
order by r.at, r.refusal_no
