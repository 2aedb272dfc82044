-- Rows that need a look, of one portion.
insert into import_row (workspace_id, batch_id, line, contact_id, verdict, reason, warnings)
select %(workspace_id)s, %(batch_id)s, each.line, each.contact_id, each.verdict, each.reason,
       case when each.warnings = '' then '{}' else string_to_array(each.warnings, ' ') end
from unnest(%(lines)s::int[], %(contacts)s::bigint[], %(verdicts)s::text[], %(reasons)s::text[], %(warnings)s::text[])
     as each (line, contact_id, verdict, reason, warnings)
