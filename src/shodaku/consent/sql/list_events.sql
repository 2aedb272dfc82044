-- The whole history of these people in the order in which it was recorded: a date that somebody typed or imported never
-- puts a yes behind the no that came after it.
select contact_id, topic_id, channel, kind, at, expires_at, flaw, entry_id, terms from consent_event
where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) order by event_no
