-- A draft is thrown away: what was asked of a second person; that it was stands in the ledger.
delete from launch_approval where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
