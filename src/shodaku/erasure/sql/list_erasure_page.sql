-- A page of erasures with their certificates, newest first.
select e.erasure_id, e.state, e.receipt, e.rule, e.requested_at, e.counts, e.sealed_until, c.entry_id, c.issued_at
from erasure e left join certificate c using (workspace_id, erasure_id)
where e.workspace_id = %(workspace_id)s and (%(before)s::bigint is null or e.erasure_id < %(before)s)
order by e.erasure_id desc limit %(rows_max)s
