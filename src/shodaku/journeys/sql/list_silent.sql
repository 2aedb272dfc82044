-- Consents to mail without a sign of life for months: no act of the person, no advertising of any kind, and not asked about since.
-- One person, one sender: of those with consents to several, the sender of the oldest topic. Of one person, or a page after another.
select s.contact_id, s.sender_id, array_agg(s.topic_id order by s.topic_id) as topic_ids, min(s.agreed_at) as agreed_at,
       max(s.last_own_at) as last_own_at, max(s.locale) as locale
from (
    select k.contact_id, k.topic_id, t.sender_id, k.since as agreed_at, coalesce(k.last_contact_at, k.since) as last_own_at, c.locale,
           first_value(t.sender_id) over (partition by k.contact_id order by k.topic_id) as first_sender
    from consent k
    join topic t on t.workspace_id = k.workspace_id and t.topic_id = k.topic_id and t.archived_at is null
    join contact c on c.workspace_id = k.workspace_id and c.contact_id = k.contact_id
    where k.workspace_id = %(workspace_id)s and k.state = 'active' and k.channel = 'email'
      and (k.expires_at is null or k.expires_at > %(now)s) and coalesce(k.last_contact_at, k.since) < %(silent_before)s
      and k.contact_id > %(after)s and (%(contact_id)s::bigint is null or k.contact_id = %(contact_id)s::bigint)
      and not exists (select from delivery d where d.workspace_id = k.workspace_id and d.contact_id = k.contact_id and d.topic_id is not null
                      and d.outcome in ('accepted', 'uncertain') and d.at >= %(silent_before)s
                      and d.week >= (%(silent_before)s::timestamptz - interval '35 days')::date)
      and not exists (select from reconfirmation r where r.workspace_id = k.workspace_id and r.contact_id = k.contact_id and r.state <> 'unsent'
                      and r.asked_at >= coalesce(k.last_contact_at, k.since))
) s
where s.sender_id = s.first_sender
group by s.contact_id, s.sender_id order by s.contact_id limit %(rows_max)s
