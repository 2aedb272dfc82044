-- The saved states of a campaign, newest first, without what was written; a campaign keeps few hundred at most.
select revision, saved_by, saved_at
from campaign_revision where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and revision < %(before)s
order by revision desc limit %(rows_max)s
