-- After a batch is in the column store. Numbers are given before they are committed, so what was seen settles only when all who were writing ended.
insert into copied_out (workspace_id, kind, settled_no, seen_no, under_way_before, copied_at)
values (%(workspace_id)s, %(kind)s, %(settled_no)s, %(seen_no)s, pg_snapshot_xmax(pg_current_snapshot()), %(now)s)
on conflict (workspace_id, kind) do update
set settled_no = excluded.settled_no, seen_no = excluded.seen_no, under_way_before = excluded.under_way_before, copied_at = excluded.copied_at
