-- Which form a short address leads to.
select s.source_no, f.form_id, f.version from form_source s join form f using (workspace_id, form_id)
where s.workspace_id = %(workspace_id)s and s.code = %(code)s
