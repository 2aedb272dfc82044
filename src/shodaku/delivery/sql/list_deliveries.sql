-- A page of results of some mailings, in the order of the primary key. One walk for each week, whose partition is found by it alone: a list of weeks would open
-- them all. Not one for each mailing: of one that holds little it would go through everybody.
select d.contact_id, d.outcome, d.reason, d.evidence_id, d.code, d.reply, d.at, d.pack, d.mailing_id
from (select distinct m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = any(%(mailing_ids)s::int[])) w
cross join lateral (
    select x.contact_id, x.outcome, x.reason, x.evidence_id, x.code, x.reply, x.at, x.pack, x.mailing_id from delivery x
    where x.workspace_id = %(workspace_id)s and x.mailing_id = any(%(mailing_ids)s::int[]) and x.week = w.week
      and x.contact_id > %(after)s and (%(outcome)s::text is null or x.outcome = %(outcome)s::text)
    order by x.contact_id limit %(rows_max)s) d
order by d.contact_id limit %(rows_max)s
