-- What is taken back: consents in force and those being asked for, each of them once.
with ended as (
    select distinct on (c.contact_id, c.topic_id, c.channel)
           c.contact_id, c.topic_id, c.channel, each.method, each.at, each.event_id, each.entry_id, each.place
    from unnest(%(contacts)s::bigint[], %(topics)s::int[], %(channels)s::text[], %(methods)s::text[], %(times)s::timestamptz[],
                %(events)s::uuid[], %(entries)s::bigint[]) with ordinality
         as each (contact_id, topic_id, channel, method, at, event_id, entry_id, place)
    cross join lateral (
        select k.contact_id, k.topic_id, k.channel from consent k
        where k.workspace_id = %(workspace_id)s and k.contact_id = each.contact_id and k.state in ('active', 'pending')
          and (each.topic_id is null or k.topic_id = each.topic_id) and (each.channel is null or k.channel = each.channel)
        offset 0) c -- person by person: a planner that takes a workspace for empty would read all of it
    order by c.contact_id, c.topic_id, c.channel, each.place
)
insert into consent_event (workspace_id, contact_id, topic_id, channel, kind, method, at, event_id, entry_id)
select %(workspace_id)s, contact_id, topic_id, channel, 'withdrawn', method, at, event_id, entry_id from ended
order by place, topic_id, channel
returning contact_id, topic_id, channel
