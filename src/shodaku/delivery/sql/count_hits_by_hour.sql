-- When links of a mailing were followed, and when it was opened; by people alone, as far as one can tell.
select date_trunc('hour', h.at, 'UTC') as hour, (count(*) filter (where h.link >= 0))::int as clicks, (count(*) filter (where h.link < 0))::int as opens
from hit h where h.workspace_id = %(workspace_id)s and h.mailing_id = %(mailing_id)s and h.actor = 'human'
group by 1 order by 1 limit %(rows_max)s
