-- Batches with what is still to do in each, newest first.
select b.batch_id, b.form_id, b.version, b.language, b.shop, b.checking, b.shelf, b.destroy_on, b.destroyed_at, b.added, b.created_at, b.created_by,
       count(s.sheet_id) filter (where s.state = 'waiting') as waiting, count(s.sheet_id) filter (where s.state in ('second', 'third')) as checks,
       count(s.sheet_id) filter (where s.state = 'parked') as parked, count(s.sheet_id) filter (where s.state = 'recorded') as recorded
from paper_batch b left join paper_sheet s on s.workspace_id = b.workspace_id and s.batch_id = b.batch_id
where b.workspace_id = %(workspace_id)s and (%(batch_id)s::bigint is null or b.batch_id = %(batch_id)s)
group by b.workspace_id, b.batch_id order by b.batch_id desc limit %(rows_max)s
