-- Write jobs in the caller's transaction. A waiting job with the same key is enough: it has not begun, so it will see our rows.
select procrastinate_defer_jobs_v1(array_agg(
    row(wanted.queue, wanted.task, wanted.priority, wanted.lock, wanted.key, wanted.arguments, wanted.not_before)::procrastinate_job_to_defer_v1))
from unnest(%(queues)s::text[], %(tasks)s::text[], %(priorities)s::int[], %(locks)s::text[], %(keys)s::text[],
            %(arguments)s::jsonb[], %(times)s::timestamptz[])
     as wanted (queue, task, priority, lock, key, arguments, not_before)
where wanted.key is null or not exists (
    select from procrastinate_jobs j where j.queueing_lock = wanted.key and j.status = 'todo')
having count(*) > 0
