-- Only drafts are changed; the caller holds the row.
update campaign set name = %(name)s, topic_id = %(topic_id)s, sender_id = %(sender_id)s, channel = %(channel)s, message_class = %(message_class)s, conditions = %(conditions)s,
       subject = %(subject)s, text = %(text)s, html = %(html)s, click_links = %(click_links)s, open_pixel = %(open_pixel)s, starts_at = %(starts_at)s, tags = %(tags)s::text[]
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and state = 'draft'
