-- What is being written.
select definition from form_draft where workspace_id = %(workspace_id)s and form_id = %(form_id)s
