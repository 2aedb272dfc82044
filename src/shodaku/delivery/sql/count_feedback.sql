-- Messages that came back, not reports: a server reports a delay again and again. Of messages without a number, days.
-- They count from the last message that arrived: accepted so long ago that no server tries any more, and reported by none; and from when
-- somebody said that the address is alive (mark_restored).
with arrived as (
    select max(d.at) as at from delivery d
    where d.workspace_id = %(workspace_id)s and d.contact_id = %(contact_id)s and d.channel = %(channel)s and d.outcome = 'accepted'
      and d.at >= %(since)s and d.at <= %(arrived_before)s
      and d.week >= (%(since)s::timestamptz - interval '60 days')::date   -- a mailing runs for weeks under the week of its launch
      and not exists (select from feedback b where b.workspace_id = d.workspace_id and b.contact_id = d.contact_id
                                                and b.mailing_id = d.mailing_id and b.kind in ('hard', 'soft', 'other')))
select count(distinct case when f.mailing_id > 0 then 'm' || f.mailing_id else 'd' || (f.at at time zone 'UTC')::date end)
from feedback f, arrived
where f.workspace_id = %(workspace_id)s and f.contact_id = %(contact_id)s and f.kind = %(kind)s
  and f.at >= %(since)s and f.at <= %(now)s
  and f.feedback_no > coalesce((select max(r.feedback_no) from feedback r
                                where r.workspace_id = %(workspace_id)s and r.contact_id = %(contact_id)s
                                  and r.kind = 'other' and r.status = 'RESTORED'), 0)
  and coalesce((select max(d.at) from delivery d
                where d.workspace_id = f.workspace_id and d.contact_id = f.contact_id and d.mailing_id = f.mailing_id
                  and d.week >= (%(since)s::timestamptz - interval '75 days')::date), f.at) > coalesce(arrived.at, '-infinity')
