-- The back number that a campaign became.
select back_number_id, campaign_id, topic_id, subject, text, sent_at, published_at
from back_number where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
