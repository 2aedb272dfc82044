-- The folded state: a cache of the events, for the gate and the audience.
insert into consent (workspace_id, contact_id, topic_id, channel, state, since, confirmed, expires_at, last_contact_at, entry_id, flaw, terms, earlier)
values (%(workspace_id)s, %(contact_id)s, %(topic_id)s, %(channel)s, %(state)s, %(since)s, %(confirmed)s, %(expires_at)s, %(last_contact_at)s, %(entry_id)s, %(flaw)s, %(terms)s, %(earlier)s)
on conflict (workspace_id, contact_id, topic_id, channel) do update set
    state = excluded.state, since = excluded.since, confirmed = excluded.confirmed, expires_at = excluded.expires_at,
    last_contact_at = excluded.last_contact_at, entry_id = excluded.entry_id, flaw = excluded.flaw, terms = excluded.terms, earlier = excluded.earlier
