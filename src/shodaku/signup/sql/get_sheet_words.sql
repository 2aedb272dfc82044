-- What a printed sheet says.
select s.form_id, s.version, s.language, s.wording, s.wording_sha256, s.made_at, v.published_at
from form_sheet s join form_version v using (workspace_id, form_id, version)
where s.workspace_id = %(workspace_id)s and s.form_id = %(form_id)s and s.version = %(version)s and s.language = %(language)s
