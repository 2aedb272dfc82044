-- A name that a live segment has already gives no row.
insert into segment (workspace_id, name, created_by, created_at) values (%(workspace_id)s, %(name)s, %(by)s, %(now)s)
on conflict (workspace_id, name) where archived_at is null do nothing
returning segment_id
