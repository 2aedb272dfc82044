-- A quarter of a year shows what a provider does.
delete from provider_count where workspace_id = %(workspace_id)s and on_day < (%(before)s::timestamptz at time zone 'UTC')::date
