-- The whole history of these people in the order in which it was recorded: a date that somebody typed or imported never
-- puts a yes behind the no that came after it. What rests on an entry that an audit found altered says so.
select e.contact_id, e.topic_id, e.channel, e.kind, e.at, e.expires_at, e.flaw, e.entry_id, e.terms, d.entry_id is not null as distrusted
from consent_event e left join distrusted_entry d on d.workspace_id = e.workspace_id and d.entry_id = e.entry_id
where e.workspace_id = %(workspace_id)s and e.contact_id = any(%(contacts)s::bigint[]) order by e.event_no
