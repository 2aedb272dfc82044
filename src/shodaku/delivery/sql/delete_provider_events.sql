-- Older than any signature that is still taken.
delete from provider_event where workspace_id = %(workspace_id)s and at < %(before)s
