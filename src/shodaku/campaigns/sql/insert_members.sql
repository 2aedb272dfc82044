-- Who was erased since the gate was asked is left out; who is being erased this moment is found by the second pass of the erasure.
insert into preflight_member (workspace_id, campaign_id, preflight_id, reason, part, contact_ids)
select %(workspace_id)s, %(campaign_id)s, %(preflight_id)s, %(reason)s, %(part)s, here.contact_ids
from (select array_agg(x.contact_id order by x.contact_id) as contact_ids from unnest(%(contact_ids)s::bigint[]) x (contact_id)
      where exists (select from contact c where c.workspace_id = %(workspace_id)s and c.contact_id = x.contact_id)) here
where here.contact_ids is not null
