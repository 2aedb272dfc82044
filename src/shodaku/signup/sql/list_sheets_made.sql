-- Sheets that were ever made of a form, newest version first.
select version, language, made_at from form_sheet
where workspace_id = %(workspace_id)s and form_id = %(form_id)s order by version desc, language desc limit %(rows_max)s
