-- The others get what was decided.
update campaign set mailing_id = %(mailing_id)s where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
