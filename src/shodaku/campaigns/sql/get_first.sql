-- The campaign that goes once more by this one.
select campaign_id from sent_again where workspace_id = %(workspace_id)s and again_id = %(campaign_id)s
