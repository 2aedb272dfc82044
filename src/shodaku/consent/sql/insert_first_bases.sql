-- As insert_bases, of people who are new: nothing can be there before, and "on conflict" costs a second look and a second record of the log a row.
insert into basis (workspace_id, contact_id, kind, at, batch_id, note, refusing_words, detail)
select %(workspace_id)s, each.*
from unnest(%(contacts)s::bigint[], %(kinds)s::text[], %(times)s::timestamptz[], %(batches)s::bigint[], %(notes)s::text[],
            %(refusing)s::boolean[], %(details)s::text[]) as each
