-- Pages of a version that have no picture yet, and may still get one.
select language, html, html_sha256 from form_page
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and picture is null
  and attempts < %(attempts_max)s
order by language desc
