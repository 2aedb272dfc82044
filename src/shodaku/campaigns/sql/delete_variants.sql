-- Those of a draft are written anew.
delete from trial_variant where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
