-- The pages of a form, without their bytes, newest version first and Japanese before English.
select form_id, version, language, html_sha256, rendered_at, picture_sha256, pictured_at from form_page
where workspace_id = %(workspace_id)s and form_id = %(form_id)s order by version desc, language desc
