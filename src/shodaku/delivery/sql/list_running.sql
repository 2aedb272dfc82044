-- Campaigns that are not ended, with what became of their people so far.
select m.mailing_id, m.state, coalesce(sum(c.accepted), 0)::int as accepted, coalesce(sum(c.refused), 0)::int as refused,
       coalesce(sum(c.failed), 0)::int as failed, coalesce(sum(c.uncertain), 0)::int as uncertain,
       coalesce(sum(cardinality(c.contact_ids)) filter (where c.state <> 'done'), 0)::int as waiting
from mailing m left join chunk c on c.workspace_id = m.workspace_id and c.mailing_id = m.mailing_id
where m.workspace_id = %(workspace_id)s and m.state in ('running', 'paused') and m.kind = 'campaign' and m.repeats is null
group by m.workspace_id, m.mailing_id order by m.mailing_id desc limit %(rows_max)s
