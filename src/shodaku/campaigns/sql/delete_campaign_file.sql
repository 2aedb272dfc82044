-- A draft carries a file no longer.
delete from campaign_file where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and name = %(name)s
returning sha256
