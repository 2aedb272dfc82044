-- Shown from now on; once for a campaign.
insert into back_number (workspace_id, campaign_id, topic_id, subject, text, html, sent_at, published_at)
values (%(workspace_id)s, %(campaign_id)s, %(topic_id)s, %(subject)s, %(text)s, %(html)s::text, %(sent_at)s, %(now)s)
on conflict (workspace_id, campaign_id) do nothing
returning back_number_id
