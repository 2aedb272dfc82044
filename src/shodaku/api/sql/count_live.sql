-- Keys that open something today.
select count(*) from api_key where workspace_id = %(workspace_id)s and revoked_at is null and expires_at > %(now)s
