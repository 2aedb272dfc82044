-- The permit died with its process; the consent it stood on is the latest one given before the chunk was opened.
select distinct on (e.contact_id) e.contact_id, e.entry_id
from consent_event e
where e.workspace_id = %(workspace_id)s and e.contact_id = any(%(contact_ids)s::bigint[])
  and e.topic_id = %(topic_id)s and e.channel = %(channel)s and e.kind in ('given', 'confirmed') and e.at <= %(opened_at)s
order by e.contact_id, e.event_no desc
