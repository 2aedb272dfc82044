-- One version of a text that was shown.
select kind, about, version, text, sha256, created_at from wording
where workspace_id = %(workspace_id)s and kind = %(kind)s and about = %(about)s and version = %(version)s
