-- Consents that began and that ended, day by day on the clock of the workspace; a renewal is neither.
select (at at time zone %(zone)s)::date as on_day, (count(*) filter (where kind in ('given', 'confirmed')))::int as agreed,
       (count(*) filter (where kind in ('withdrawn', 'expired')))::int as ended
from consent_event where workspace_id = %(workspace_id)s and at >= %(since)s and channel = 'email'
group by 1 order by 1
