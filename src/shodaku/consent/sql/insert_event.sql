-- One act of a person.
insert into consent_event (workspace_id, contact_id, topic_id, channel, kind, method, at, expires_at, flaw, terms, event_id, entry_id)
values (%(workspace_id)s, %(contact_id)s, %(topic_id)s, %(channel)s, %(kind)s, %(method)s, %(at)s, %(expires_at)s, %(flaw)s, %(terms)s, %(event_id)s, %(entry_id)s)
