-- The picture failed once more.
update form_page set attempts = attempts + 1
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and language = %(language)s
  and picture is null
