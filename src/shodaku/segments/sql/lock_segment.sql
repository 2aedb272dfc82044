-- Two who save at once come one after the other; its newest version tells the second that it is late.
select s.name, s.archived_at is not null as archived,
       (select max(v.version) from segment_version v where v.workspace_id = s.workspace_id and v.segment_id = s.segment_id) as version
from segment s where s.workspace_id = %(workspace_id)s and s.segment_id = %(segment_id)s for update of s
