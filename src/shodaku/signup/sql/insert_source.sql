-- The number after the last one of this form, whose row is held; a code that is taken gives no row.
insert into form_source (workspace_id, form_id, source_no, code, name, created_at)
select %(workspace_id)s, %(form_id)s, coalesce(max(s.source_no), 0) + 1, %(code)s, %(name)s, %(now)s
from form_source s where s.workspace_id = %(workspace_id)s and s.form_id = %(form_id)s
having count(*) < %(sources_max)s
on conflict do nothing
returning source_no
