-- One body, for the preview.
select body from carried_file where workspace_id = %(workspace_id)s and sha256 = %(sha256)s
