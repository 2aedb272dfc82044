-- Links that nobody used in time, with the addresses they were for.
delete from invitation where workspace_id = %(workspace_id)s and expires_at <= %(now)s
