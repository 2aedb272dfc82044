-- Drafts that some of the staff made since that moment, the newest first.
select campaign_id, name, created_by as staff_id, created_at
from campaign
where workspace_id = %(workspace_id)s and state = 'draft' and created_by = any(%(staff_ids)s) and created_at > %(since)s
order by campaign_id desc limit %(rows_max)s
