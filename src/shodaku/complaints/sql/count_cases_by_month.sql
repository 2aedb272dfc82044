-- Cases of the last months by month and topic, on the clock of the workspace; how long until the first answer, in the middle.
select date_trunc('month', opened_at at time zone %(zone)s)::date as month, topic_id,
       count(*) as opened,
       count(*) filter (where grievance = 'never_agreed') as never_agreed,
       count(*) filter (where grievance = 'too_often') as too_often,
       count(*) filter (where grievance = 'after_no') as after_no,
       count(*) filter (where state = 'closed') as closed,
       percentile_disc(0.5) within group (order by extract(epoch from answered_at - opened_at)::float8)
           filter (where answered_at is not null) as answer_seconds
from complaint_case where workspace_id = %(workspace_id)s and opened_at >= %(since)s
group by 1, 2 order by 1 desc, count(*) desc, topic_id limit %(rows_max)s
