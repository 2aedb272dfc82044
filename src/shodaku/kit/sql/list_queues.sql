-- Jobs by queue and state, and for how many seconds the oldest that is due has been due; of those without a date nobody wrote down since when.
select queue_name as queue, status::text as state, count(*)::int as jobs,
       coalesce(extract(epoch from clock_timestamp() - min(scheduled_at) filter (where status = 'todo' and scheduled_at < clock_timestamp())), 0)::float as late_seconds
from procrastinate_jobs where status in ('todo', 'doing', 'failed') group by queue_name, status order by 1, 2
