-- Live segments with their newest version, by name.
select s.segment_id, s.name, v.version, v.expression as expression_json, v.saved_by, v.saved_at, s.archived_at
from segment s
cross join lateral (select n.version, n.expression, n.saved_by, n.saved_at from segment_version n
                    where n.workspace_id = s.workspace_id and n.segment_id = s.segment_id order by n.version desc limit 1) v
where s.workspace_id = %(workspace_id)s and s.archived_at is null order by s.name, s.segment_id limit %(rows_max)s
