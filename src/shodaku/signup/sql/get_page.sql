-- The hashes of one page, without its bytes: every sign-up reads them.
select form_id, version, language, html_sha256, rendered_at, picture_sha256, pictured_at from form_page
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and language = %(language)s
