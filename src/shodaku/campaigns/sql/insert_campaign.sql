-- A draft.
insert into campaign (workspace_id, name, topic_id, sender_id, channel, message_class, conditions, subject, text, html, click_links, open_pixel, starts_at, tags, created_by, created_at)
values (%(workspace_id)s, %(name)s, %(topic_id)s, %(sender_id)s, %(channel)s, %(message_class)s, %(conditions)s, %(subject)s, %(text)s, %(html)s, %(click_links)s, %(open_pixel)s, %(starts_at)s, %(tags)s::text[], %(staff_id)s, %(now)s)
returning campaign_id
