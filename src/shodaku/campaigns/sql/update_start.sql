-- Of a draft, or of one whose time is yet to come and comes now; the caller holds the row.
update campaign set starts_at = %(starts_at)s where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
