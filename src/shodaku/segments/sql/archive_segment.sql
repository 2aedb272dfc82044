-- Once, and for good: what was sent to it stays explained.
update segment set archived_at = %(now)s where workspace_id = %(workspace_id)s and segment_id = %(segment_id)s and archived_at is null
