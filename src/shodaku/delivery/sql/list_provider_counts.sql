-- What providers reported, the newest day first.
select provider, event, on_day, events from provider_count
where workspace_id = %(workspace_id)s order by on_day desc, provider, event limit %(rows_max)s
