-- Once: of two workers that took the picture, the first one's is kept.
update form_page set picture = %(picture)s, picture_sha256 = %(picture_sha256)s, pictured_at = %(now)s
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s and language = %(language)s
  and picture is null
