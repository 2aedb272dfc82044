-- Held, so that nobody retires it meanwhile. No row: it is retired, or there is none.
select sender_id from sender where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s and retired_at is null for share
