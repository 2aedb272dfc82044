-- Newest first.
select campaign_id, name, topic_id, sender_id, channel, message_class, subject, text, html, conditions as conditions_json, state, starts_at, mailing_id, planned_count, created_at, launched_at, click_links, open_pixel, revision, tags from campaign where workspace_id = %(workspace_id)s order by campaign_id desc limit 500
