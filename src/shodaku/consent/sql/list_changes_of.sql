-- What people took back, or agreed to for fewer messages than before.
select contact_id, topic_id, channel, at, event_id, entry_id from consent_event
where workspace_id = %(workspace_id)s and contact_id = any(%(contacts)s::bigint[]) and kind in ('withdrawn', 'narrowed') order by event_no
