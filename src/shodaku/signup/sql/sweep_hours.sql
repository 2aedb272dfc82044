-- Older than what is compared with.
delete from form_hour where workspace_id = %(workspace_id)s and hour < %(before)s
