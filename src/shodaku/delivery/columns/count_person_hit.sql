-- Is anything left of them? What was deleted counts as gone only when this says 0.
SELECT count() AS rows FROM hit WHERE workspace_id = {workspace_id:UInt32} AND has({contact_ids:Array(UInt64)}, contact_id)
