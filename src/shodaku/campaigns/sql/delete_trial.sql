-- Of a draft, with its variants; the caller holds the campaign's row.
delete from trial where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and held_id is null
