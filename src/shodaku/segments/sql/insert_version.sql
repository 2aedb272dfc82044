-- The next version; who saves holds the segment's row.
insert into segment_version (workspace_id, segment_id, version, expression, saved_by, saved_at)
select %(workspace_id)s, %(segment_id)s, coalesce(max(v.version), 0) + 1, %(expression)s, %(by)s, %(now)s
from segment_version v where v.workspace_id = %(workspace_id)s and v.segment_id = %(segment_id)s
returning version
