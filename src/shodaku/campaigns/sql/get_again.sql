-- The one that goes once more, of a campaign.
select again_id from sent_again where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
