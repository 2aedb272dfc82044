-- It is published, or given up.
delete from form_draft where workspace_id = %(workspace_id)s and form_id = %(form_id)s
