-- By what was shown; who comes from elsewhere, too late or after its end is nobody.
select key_id, scopes, last_used_on from api_key
where workspace_id = %(workspace_id)s and sha256 = %(sha256)s and revoked_at is null and expires_at > %(now)s
  and (networks = '{}' or %(address)s::inet <<= any(networks))
