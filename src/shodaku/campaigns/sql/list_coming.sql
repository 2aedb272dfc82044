-- What is meant to start after that moment, the next first; drafts too, which start only when somebody sends them off before.
select campaign_id, name, topic_id, sender_id, channel, message_class, subject, text, html, conditions as conditions_json, state, starts_at, mailing_id, planned_count, created_at, launched_at, click_links, open_pixel, revision, tags
from campaign where workspace_id = %(workspace_id)s and starts_at > %(now)s and state in ('draft', 'running', 'paused')
order by starts_at, campaign_id limit %(rows_max)s
