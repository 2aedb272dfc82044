-- One certificate an erasure; kept for the link if somebody has one.
insert into certificate (workspace_id, erasure_id, entry_id, issued_at, destroy_after)
select %(workspace_id)s, %(erasure_id)s, %(entry_id)s, %(now)s,
       case when e.certificate_key is null then null else %(destroy_after)s::timestamptz end
from erasure e where e.workspace_id = %(workspace_id)s and e.erasure_id = %(erasure_id)s
on conflict do nothing
