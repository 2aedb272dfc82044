-- Newest first; the keys themselves are nowhere.
select key_id, name, scopes, networks::text[] as networks, created_at, expires_at, last_used_on, revoked_at
from api_key where workspace_id = %(workspace_id)s order by key_id desc limit %(rows_max)s
