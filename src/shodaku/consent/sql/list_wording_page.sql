-- Versions of a text that was shown, the newest before a version first.
select kind, about, version, text, sha256, created_at from wording
where workspace_id = %(workspace_id)s and kind = %(kind)s and about = %(about)s and version < %(before)s
order by version desc limit %(rows_max)s
