-- Not offered any more; who bought it stays known.
update product set archived_at = %(now)s where workspace_id = %(workspace_id)s and code = %(code)s and archived_at is null
