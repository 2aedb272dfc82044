-- One segment, archived or not, with its newest version or the one that is named.
select s.segment_id, s.name, v.version, v.expression as expression_json, v.saved_by, v.saved_at, s.archived_at
from segment s join segment_version v on v.workspace_id = s.workspace_id and v.segment_id = s.segment_id
where s.workspace_id = %(workspace_id)s and s.segment_id = %(segment_id)s
  and (%(version)s::int is null or v.version = %(version)s::int)
order by v.version desc limit 1
