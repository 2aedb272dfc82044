-- Acts of people, numbered in the order in which they are given.
insert into consent_event (workspace_id, contact_id, topic_id, channel, kind, method, at, expires_at, flaw, terms, event_id, entry_id)
select %(workspace_id)s, each.contact_id, each.topic_id, each.channel, each.kind, each.method, each.at, each.expires_at, each.flaw, each.terms, each.event_id, each.entry_id
from unnest(%(contacts)s::bigint[], %(topics)s::int[], %(channels)s::text[], %(kinds)s::text[], %(methods)s::text[], %(times)s::timestamptz[],
            %(ends)s::timestamptz[], %(flaws)s::text[], %(terms)s::jsonb[], %(events)s::uuid[], %(entries)s::bigint[]) with ordinality
     as each (contact_id, topic_id, channel, kind, method, at, expires_at, flaw, terms, event_id, entry_id, place)
order by each.place
