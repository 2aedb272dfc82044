-- The same content as a new draft.
insert into campaign (workspace_id, name, topic_id, sender_id, channel, message_class, conditions, subject, text, html, click_links, open_pixel, revision, tags, created_by, created_at)
select workspace_id, name, topic_id, sender_id, channel, message_class, conditions, subject, text, html, click_links, open_pixel, case when revision is not null then 1 end, tags, %(staff_id)s, %(now)s
from campaign where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
returning campaign_id
