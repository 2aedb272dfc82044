-- The picture itself; null where there is none.
select picture from form_page
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and language = %(language)s
