-- Messages that came back, not reports: a server reports a delay again and again. Of messages without a number, days.
select count(distinct case when f.mailing_id > 0 then 'm' || f.mailing_id else 'd' || (f.at at time zone 'UTC')::date end)
from feedback f
where f.workspace_id = %(workspace_id)s and f.contact_id = %(contact_id)s and f.kind = %(kind)s
  and f.at >= %(since)s and f.at <= %(now)s
