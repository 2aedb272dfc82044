-- How many consents end on which day of a span, on the clock of the workspace; so many rows at most are read.
select (x.expires_at at time zone %(zone)s)::date as on_day, count(*)::int as consents
from (select expires_at from consent
      where workspace_id = %(workspace_id)s and state = 'active' and expires_at is not null and expires_at >= %(from_at)s and expires_at < %(until_at)s
      order by expires_at limit %(rows_max)s) x
group by 1 order by 1
