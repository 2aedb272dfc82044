-- Addresses of everybody without a live, confirmed consent to a topic: nobody of them may have got an issue.
select a.value from address a
where a.channel = 'email' and not exists (
    select from consent k
    where k.workspace_id = a.workspace_id and k.contact_id = a.contact_id and k.topic_id = %(topic_id)s
      and k.state = 'active' and k.confirmed and (k.expires_at is null or k.expires_at > now()))
