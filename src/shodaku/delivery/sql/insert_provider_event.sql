-- After the act: its second copy does nothing.
insert into provider_event (workspace_id, event_id, at) values (%(workspace_id)s, %(event_id)s, %(now)s)
on conflict (workspace_id, event_id) do nothing
