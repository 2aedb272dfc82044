-- How far a job is. Each half has its own partial index, on exactly this column and this state.
select state from (
    select 1 as place, 'running' as state from procrastinate_jobs where lock = %(key)s and status = 'doing'
    union all
    select 2, case when attempts > 0 then 'again' else 'waiting' end from procrastinate_jobs
    where queueing_lock = %(key)s and status = 'todo'
) found order by place limit 1
