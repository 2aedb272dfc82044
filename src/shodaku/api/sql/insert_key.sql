-- A key is born with all it will ever be allowed.
insert into api_key (workspace_id, name, sha256, scopes, networks, created_at, expires_at)
values (%(workspace_id)s, %(name)s, %(sha256)s, %(scopes)s, %(networks)s::inet[], %(now)s, %(expires_at)s)
returning key_id
