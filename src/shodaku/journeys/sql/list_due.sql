-- Of these people, those whom one may want to ask again: a consent to mail ends before that day and would be given for another term, or there
-- was no sign of life for months. Topics that they were asked about since their last yes are no more in it; none left: asked about all.
-- One person, one sender: of those with consents to several, the sender of the oldest topic.
select s.contact_id, s.sender_id,
       coalesce(array_agg(s.topic_id order by s.topic_id) filter (where s.ends_at is null and not s.asked), '{}') as silent_ids,
       coalesce(array_agg(s.topic_id order by s.topic_id) filter (where s.ends_at is not null and not s.asked), '{}') as ending_ids,
       coalesce(array_agg(s.ends_at order by s.topic_id) filter (where s.ends_at is not null and not s.asked), '{}') as ends_at,
       min(s.agreed_at) as agreed_at, max(s.locale) as locale
from (
    select k.contact_id, k.topic_id, t.sender_id, k.since as agreed_at, c.locale,
           case when k.expires_at <= %(ends_before)s and t.valid_months is not null then k.expires_at end as ends_at,
           exists (select from reconfirmation r where r.workspace_id = k.workspace_id and r.contact_id = k.contact_id and r.state <> 'unsent'
                   and r.asked_at >= coalesce(k.last_contact_at, k.since)) as asked,
           first_value(t.sender_id) over (partition by k.contact_id order by k.topic_id) as first_sender
    from consent k
    join topic t on t.workspace_id = k.workspace_id and t.topic_id = k.topic_id and t.archived_at is null
    join contact c on c.workspace_id = k.workspace_id and c.contact_id = k.contact_id
    where k.workspace_id = %(workspace_id)s and k.contact_id = any(%(contact_ids)s::bigint[]) and k.state = 'active' and k.channel = 'email'
      and (k.expires_at is null or k.expires_at > %(now)s)
      and (k.expires_at <= %(ends_before)s and t.valid_months is not null
           or coalesce(k.last_contact_at, k.since) < %(silent_before)s
           and not exists (select from delivery d where d.workspace_id = k.workspace_id and d.contact_id = k.contact_id and d.topic_id is not null
                           and d.outcome in ('accepted', 'uncertain') and d.at >= %(silent_before)s
                           and d.week >= (%(silent_before)s::timestamptz - interval '35 days')::date))
) s
where s.sender_id = s.first_sender
group by s.contact_id, s.sender_id order by s.contact_id
