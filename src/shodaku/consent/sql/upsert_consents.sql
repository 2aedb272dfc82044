-- The folded states: a cache of the events, for the gate and the audience.
insert into consent (workspace_id, contact_id, topic_id, channel, state, since, confirmed, expires_at, last_contact_at, entry_id, flaw, terms, earlier)
select %(workspace_id)s, each.* from unnest(%(contacts)s::bigint[], %(topics)s::int[], %(channels)s::text[], %(states)s::text[], %(since)s::timestamptz[],
            %(confirmed)s::boolean[], %(ends)s::timestamptz[], %(last)s::timestamptz[], %(entries)s::bigint[], %(flaws)s::text[], %(terms)s::jsonb[],
            %(earlier)s::jsonb[]) as each
on conflict (workspace_id, contact_id, topic_id, channel) do update set
    state = excluded.state, since = excluded.since, confirmed = excluded.confirmed, expires_at = excluded.expires_at,
    last_contact_at = excluded.last_contact_at, entry_id = excluded.entry_id, flaw = excluded.flaw, terms = excluded.terms, earlier = excluded.earlier
