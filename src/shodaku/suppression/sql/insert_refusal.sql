-- One no, as it was received.
insert into refusal (workspace_id, contact_id, scope, topic_id, until, at, via, event_id, entry_id)
values (%(workspace_id)s, %(contact_id)s, %(scope)s, %(topic_id)s, %(until)s, %(at)s, %(via)s, %(event_id)s, %(entry_id)s)
