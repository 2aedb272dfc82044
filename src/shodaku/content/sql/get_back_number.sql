-- One back number of a topic, without its HTML.
select back_number_id, campaign_id, topic_id, subject, text, sent_at, published_at
from back_number
where workspace_id = %(workspace_id)s and topic_id = %(topic_id)s and back_number_id = %(back_number_id)s
