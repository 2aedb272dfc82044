-- What a segment has meant, newest first.
select v.version, v.expression as expression_json, v.saved_by, v.saved_at from segment_version v
where v.workspace_id = %(workspace_id)s and v.segment_id = %(segment_id)s order by v.version desc limit %(rows_max)s
