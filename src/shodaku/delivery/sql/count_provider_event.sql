-- How often a provider says what, also what nobody here knows.
insert into provider_count (workspace_id, provider, event, on_day, events)
values (%(workspace_id)s, %(provider)s, %(event)s, (%(now)s::timestamptz at time zone 'UTC')::date, 1)
on conflict (workspace_id, provider, event, on_day) do update set events = provider_count.events + 1
