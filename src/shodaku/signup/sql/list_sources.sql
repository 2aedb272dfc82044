-- Posters of a form, oldest first, and what came of each. Requests go with erased people, as in all figures of forms.
select s.source_no, s.code, s.name, s.created_at, s.given, count(r.request_id) as requested,
       count(r.request_id) filter (where r.state = 'confirmed') as confirmed
from form_source s left join signup_request r
  on r.workspace_id = s.workspace_id and r.form_id = s.form_id and r.source_no = s.source_no
where s.workspace_id = %(workspace_id)s and s.form_id = %(form_id)s
group by s.workspace_id, s.form_id, s.source_no order by s.source_no
