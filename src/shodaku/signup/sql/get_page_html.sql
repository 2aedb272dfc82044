-- The document itself.
select html from form_page
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and language = %(language)s
