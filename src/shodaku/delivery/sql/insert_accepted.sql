-- Nearly all rows differ in person, reason and evidence only, so they travel as three arrays.
insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason, evidence_id, stage, code, attempt, at, pack, facts)
select %(workspace_id)s, u, %(mailing_id)s, %(week)s, (select m.topic_id from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
       and m.message_class = 'advertising'), %(channel)s, 'accepted', r, e, s, c, %(attempt)s, clock_timestamp(), %(pack)s, f
from unnest(%(contact_ids)s::bigint[], %(reasons)s::text[], %(evidence)s::bigint[], %(stages)s::smallint[], %(codes)s::smallint[],
            %(facts)s::bigint[]) x (u, r, e, s, c, f)
on conflict do nothing
