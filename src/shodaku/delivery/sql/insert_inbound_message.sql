-- A message for a human. A mail that is handed on twice has one event, and is one message.
insert into inbound_message (workspace_id, contact_id, via, event_id, entry_id, received_at)
values (%(workspace_id)s, %(contact_id)s, %(via)s, %(event_id)s, %(entry_id)s, %(now)s)
on conflict (workspace_id, event_id) do nothing
