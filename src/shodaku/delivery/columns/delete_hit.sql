-- Of people who are forgotten, or who do not want to be measured any more. Answered when no reader sees the rows.
DELETE FROM hit WHERE workspace_id = {workspace_id:UInt32} AND has({contact_ids:Array(UInt64)}, contact_id)
SETTINGS lightweight_deletes_sync = 2
