-- Versions that nobody agrees to any more.
select version from form_withdrawn where workspace_id = %(workspace_id)s and form_id = %(form_id)s
