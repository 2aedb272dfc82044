-- Of the topics asked about, those whose consent still stands, and when the person last said yes.
select topic_id, coalesce(last_contact_at, since) as last_own_at from consent
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and channel = 'email' and state = 'active'
  and topic_id = any(%(topic_ids)s::int[]) and (expires_at is null or expires_at > %(now)s)
order by topic_id
