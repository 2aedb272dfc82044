-- The person's acts, oldest first.
select event_no, topic_id, channel, kind, method, at, entry_id from consent_event
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at, event_no
