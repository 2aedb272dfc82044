-- Of people who are forgotten. Answered when no reader sees the rows.
DELETE FROM feedback WHERE workspace_id = {workspace_id:UInt32} AND has({contact_ids:Array(UInt64)}, contact_id)
SETTINGS lightweight_deletes_sync = 2
