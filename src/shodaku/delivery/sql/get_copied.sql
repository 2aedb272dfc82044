-- How far a copy is; and has everything ended that was under way when it last read? Then a copy from `settled_no` on finds all below `seen_no`.
select settled_no, seen_no,
       pg_snapshot_xmin(pg_current_snapshot()) >= under_way_before and copied_at < %(now)s::timestamptz - interval '10 seconds' as ended
from copied_out where workspace_id = %(workspace_id)s and kind = %(kind)s
