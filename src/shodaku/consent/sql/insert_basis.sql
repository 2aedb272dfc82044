-- A card, a purchase relation, a published address: known, and no consent.
insert into basis (workspace_id, contact_id, kind, at, batch_id, note, refusing_words, detail)
values (%(workspace_id)s, %(contact_id)s, %(kind)s, %(at)s, %(batch_id)s, %(note)s, %(refusing_words)s, %(detail)s)
on conflict do nothing
