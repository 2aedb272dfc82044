-- How many who were asked whether to go on have until which day to answer, on the clock of the workspace; so many rows at most are read.
select (x.answer_until at time zone %(zone)s)::date as on_day, count(*)::int as people
from (select answer_until from reconfirmation
      where workspace_id = %(workspace_id)s and state = 'asked' and answer_until >= %(from_at)s and answer_until < %(until_at)s
      order by answer_until limit %(rows_max)s) x
group by 1 order by 1
