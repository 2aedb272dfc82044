-- Previews that nobody went on with, and results that were there for long enough; their people go with them. A list that was taken
-- along has no result but the file.
delete from bulk_act where workspace_id = %(workspace_id)s
and ((begun_at is null or act = 'export') and chosen_at < %(chosen_before)s or done_at < %(done_before)s)
