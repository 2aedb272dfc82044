-- One version as it was published.
select form_id, version, definition, sha256, published_at from form_version
where workspace_id = %(workspace_id)s and form_id = %(form_id)s and version = %(version)s
