-- Whose welcome has not left although it was due, by topic: yeses of a form or of the preference centre, and those at a desk
-- or in an app that were confirmed by mail; others are not always welcomed.
select e.topic_id, count(distinct e.contact_id)::int as people, min(e.at) as oldest_at
from consent_event e
join consent k on k.workspace_id = e.workspace_id and k.contact_id = e.contact_id and k.topic_id = e.topic_id and k.channel = e.channel
where e.workspace_id = %(workspace_id)s and e.channel = 'email' and e.kind in ('given', 'confirmed')
  and (e.method in ('web-double', 'web-single', 'preference') or e.kind = 'confirmed' and e.method in ('app', 'event-desk')) and e.at > %(after)s and e.at <= %(due_before)s
  and k.state = 'active' and k.since = e.at
  and not exists (select from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
                  where d.workspace_id = e.workspace_id and d.contact_id = e.contact_id and m.kind = 'welcome'
                    and d.outcome in ('accepted', 'uncertain') and d.at >= e.at and d.week >= (%(after)s::timestamptz - interval '7 days')::date)
group by e.topic_id
