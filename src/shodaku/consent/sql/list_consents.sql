-- The person's states.
select topic_id, channel, state, since, confirmed, expires_at, entry_id from consent
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by topic_id, channel
