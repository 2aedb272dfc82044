-- Consents to a topic that hold as things stand, with what the person said beyond the topic's promise.
select channel, terms from consent
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and topic_id = %(topic_id)s and state = 'active'
  and (expires_at is null or expires_at > %(now)s)
order by channel
