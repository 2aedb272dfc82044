-- What was composed of the newest state; only of a draft, whose row the caller holds.
update campaign set html = %(html)s, text = %(text)s, revision = %(revision)s
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state = 'draft'
