-- Counted from chunk rows, a few thousand at most; what is waiting is what they still hold.
select m.planned as total, coalesce(sum(c.accepted), 0)::int as accepted, coalesce(sum(c.refused), 0)::int as refused,
       coalesce(sum(c.failed), 0)::int as failed, coalesce(sum(c.uncertain), 0)::int as uncertain,
       coalesce(sum(cardinality(c.contact_ids)) filter (where c.state <> 'done'), 0)::int as waiting,
       m.state, m.stopped_for, m.stopped_sent, m.stopped_bad, greatest(m.launched_at, m.starts_at) as started_at, m.ended_at, clock_timestamp() as now
from mailing m left join chunk c on c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id
where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s
group by m.workspace_id, m.mailing_id
