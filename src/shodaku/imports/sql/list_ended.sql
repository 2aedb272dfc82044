-- Work on lists that somebody may have left and that rests or is over: the newest, by the key, few in number.
select batch_id, file_name, state, counts, coalesce(moved_at, started_at, created_at) as at
from import_batch
where workspace_id = %(workspace_id)s and state in ('checked', 'paused', 'done', 'failed')
    and coalesce(moved_at, started_at, created_at) >= %(since)s
order by batch_id desc limit %(rows_max)s
