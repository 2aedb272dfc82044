-- Cards, purchase relations, published addresses: known, and no consent. One statement for a whole list.
insert into basis (workspace_id, contact_id, kind, at, batch_id, note, refusing_words, detail)
select %(workspace_id)s, each.*
from unnest(%(contacts)s::bigint[], %(kinds)s::text[], %(times)s::timestamptz[], %(batches)s::bigint[], %(notes)s::text[],
            %(refusing)s::boolean[], %(details)s::text[]) as each
on conflict do nothing
