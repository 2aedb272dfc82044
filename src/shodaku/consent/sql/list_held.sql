-- What can be taken back: consents in force and those being asked for.
select topic_id, channel from consent
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and state in ('active', 'pending')
  and (%(topic_id)s::int is null or topic_id = %(topic_id)s::int)
order by topic_id, channel
