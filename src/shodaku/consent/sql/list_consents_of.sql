-- As list_consents, of several people.
select contact_id, topic_id, channel, state, since, confirmed, expires_at, entry_id from consent
where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by contact_id, topic_id, channel
