-- A page of results, in the order of the primary key; the week names the one partition.
select d.contact_id, d.outcome, d.reason, d.evidence_id, d.code, d.reply, d.at, d.pack
from delivery d
where d.workspace_id = %(workspace_id)s and d.mailing_id = %(mailing_id)s
  and d.week = (select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
  and d.contact_id > %(after)s and (%(outcome)s::text is null or d.outcome = %(outcome)s::text)
order by d.contact_id limit %(rows_max)s
