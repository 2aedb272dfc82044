-- A page of results of some mailings, in the order of the primary key: one walk, for a walk for each of them would go through everything for one that holds little.
-- The weeks name their partitions.
select d.contact_id, d.outcome, d.reason, d.evidence_id, d.code, d.reply, d.at, d.pack, d.mailing_id
from delivery d
where d.workspace_id = %(workspace_id)s and d.mailing_id = any(%(mailing_ids)s::int[])
  and d.week = any(array(select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = any(%(mailing_ids)s::int[])))
  and d.contact_id > %(after)s and (%(outcome)s::text is null or d.outcome = %(outcome)s::text)
order by d.contact_id limit %(rows_max)s
