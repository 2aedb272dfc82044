-- Planned chunks that no waiting job will open: after a crash, or when a job was lost.
with waiting as (
    select j.args ->> 'mailing_id' as mailing_id, j.args ->> 'no' as no from procrastinate_jobs j
    where j.status = 'todo' and j.task_name = 'delivery.send_chunk' and j.args ->> 'workspace_id' = %(workspace_id)s::text)
select c.mailing_id, c.no, m.kind, nullif(c.not_before, '-infinity')
from chunk c join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
where c.workspace_id = %(workspace_id)s and c.state = 'planned' and m.state = 'running'
  and not exists (select from waiting w where w.mailing_id = c.mailing_id::text and w.no = c.no::text)
order by c.mailing_id, c.no limit 5000
