-- Refused, failed, uncertain. Repeating is harmless: one final result per person and mailing.
insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason, evidence_id, stage, code, reply, attempt, at, pack, facts)
select %(workspace_id)s, u, %(mailing_id)s, %(week)s, (select m.topic_id from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
       and m.message_class = 'advertising'), %(channel)s, o, r, e, s, c, t, %(attempt)s, clock_timestamp(), %(pack)s, f
from unnest(%(contact_ids)s::bigint[], %(outcomes)s::text[], %(reasons)s::text[], %(evidence)s::bigint[],
            %(stages)s::smallint[], %(codes)s::smallint[], %(replies)s::text[], %(facts)s::bigint[]) x (u, o, r, e, s, c, t, f)
on conflict do nothing
