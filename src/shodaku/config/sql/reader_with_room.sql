-- Somebody with a live, confirmed consent and room for one more issue within the promise.
select a.value from consent k join address a using (workspace_id, contact_id, channel)
where k.topic_id = %(topic_id)s and k.state = 'active' and k.confirmed and (k.expires_at is null or k.expires_at > now())
  and not exists (select from refusal r where r.workspace_id = k.workspace_id and r.contact_id = k.contact_id)
  and not exists (select from delivery d where d.workspace_id = k.workspace_id and d.contact_id = k.contact_id)
order by k.contact_id limit 1
