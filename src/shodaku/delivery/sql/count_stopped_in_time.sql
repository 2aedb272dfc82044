-- Who said no after the launch, and was held back for that when it was their turn. From the noes, which are few, to the results by their key: never a
-- pass over the mailing. Of the newest noes of the workspace no more than so many are looked at.
select count(*)::int
from (select n.contact_id, min(n.at) as at
      from (select r.contact_id, r.at from refusal r
            where r.workspace_id = %(workspace_id)s and r.refusal_no > 0 -- which is true of all: see 0005_refusal_page_alone of suppression
            order by r.refusal_no desc limit %(rows_max)s) n
      where n.at >= (select m.launched_at from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
      group by n.contact_id) r
join delivery d on d.workspace_id = %(workspace_id)s and d.contact_id = r.contact_id and d.mailing_id = %(mailing_id)s
  and d.week = (select m.week from mailing m where m.workspace_id = %(workspace_id)s and m.mailing_id = %(mailing_id)s)
where d.outcome = 'refused' and d.reason in ('REFUSED_ALL', 'REFUSED_TOPIC', 'REFUSED_UNTIL') and d.at >= r.at
