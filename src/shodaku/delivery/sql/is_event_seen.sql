-- Was this report acted on before?
select exists (select from provider_event where workspace_id = %(workspace_id)s and event_id = %(event_id)s)
