-- What became of the advertisements that run, since the launch or since somebody let them go on. Counted from chunk rows; feedback by its partial
-- indexes. Where fewer than a verdict needs were sent, nothing more is counted. What comes of a repeated mail counts for the first.
select m.mailing_id, s.sent - m.from_sent as sent, s.hard + h.people - m.from_hard as hard, r.people - m.from_complaints as complaints
from mailing m
cross join lateral (
    select sum(c.accepted + c.uncertain + c.hard)::int as sent, sum(c.hard)::int as hard
    from chunk c where c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id) s
cross join lateral (
    select count(distinct f.contact_id)::int as people from feedback f
    where f.workspace_id = m.workspace_id and f.mailing_id = m.mailing_id and f.kind = 'hard') h
cross join lateral (
    select count(distinct f.contact_id)::int as people from feedback f
    where f.workspace_id = m.workspace_id and f.mailing_id = m.mailing_id and f.kind = 'complaint') r
where m.workspace_id = %(workspace_id)s and m.state = 'running' and m.promotional and m.repeats is null and s.sent - m.from_sent >= %(sent_min)s
