-- As insert_bases, of people who are new: nothing can be there before, and "on conflict" costs a second look and a second record of the log a row.
insert into basis (workspace_id, contact_id, kind, at, batch_id, note, detail)
select %(workspace_id)s, each.contact_id, each.kind, each.at, %(batch_id)s, nullif(each.note, ''), nullif(each.detail, '')
from unnest(%(contacts)s::bigint[], %(kinds)s::text[], %(times)s::timestamptz[], %(notes)s::text[], %(details)s::text[])
     as each (contact_id, kind, at, note, detail)
