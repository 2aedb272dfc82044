-- Statement 2 of the gate, with its own, later snapshot: one statement that also locks would read suppressions as of before a concurrent
-- opt-out. Nothing but index look-ups per person (tests/delivery/test_plan.py). No EXISTS in the output list: it becomes a hashed subplan
-- over whole tables; scalar subqueries with LIMIT 1 do not. What matters to few people is read for those few only: the last sending decides
-- about staleness alone, so it is read when the person's own last act is older than 365 days; requests when the message asks, or might.
select x.contact_id, a.wire, a.value, a.invalid_at is not null or a.wire is null as invalid,
       (select s.at from suppression s where s.workspace_id = %(workspace_id)s::int and s.token = a.token and s.strength = 'strict' limit 1) as erased_at,
       r.scopes, r.topic_ids, r.untils, r.ats as refused_ats,
       k.state, k.since, k.confirmed, k.expires_at, k.last_contact_at, k.entry_id, k.flaw,
       case when k.state is null or k.state in ('withdrawn') then
           (select case when o.topic_id = %(topic_id)s::int then 'channel' when t.sender_id = %(sender_id)s::int then 'topic' else 'sender' end
            from consent o join topic t on t.workspace_id = %(workspace_id)s::int and t.topic_id = o.topic_id
            where o.workspace_id = %(workspace_id)s::int and o.contact_id = x.contact_id and o.state = 'active'
              and (o.topic_id is distinct from %(topic_id)s::int or o.channel <> %(channel)s::text)
            order by o.topic_id = %(topic_id)s::int desc nulls last, t.sender_id = %(sender_id)s::int desc limit 1) end as other_consent,
       case when coalesce(k.last_contact_at, k.since) < %(now)s::timestamptz - interval '365 days' then
           (select max(d.at) from delivery d where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id
            and d.week >= (%(now)s::timestamptz - interval '400 days')::date
            and d.topic_id = %(topic_id)s::int and d.channel = %(channel)s::text and d.outcome in ('accepted', 'uncertain')) end as last_sent_at,
       case when %(counted_after)s::timestamptz is not null then
           (select count(*) from delivery d where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id
            and d.week >= (%(counted_after)s::timestamptz - interval '35 days')::date and d.at > %(counted_after)s::timestamptz
            and d.topic_id = %(topic_id)s::int and d.channel = %(channel)s::text and d.outcome in ('accepted', 'uncertain')) end as sent_in_window,
       case when %(asks)s::boolean or b.kinds is not null then
           (select max(d.at) from delivery d
            join mailing m on m.workspace_id = %(workspace_id)s::int and m.mailing_id = d.mailing_id
            where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id and d.outcome in ('accepted', 'uncertain')
              and m.message_class = 'consent_request' and m.channel = %(channel)s::text) end as asked_at,
       case when %(reconfirms)s::boolean then
           (select max(d.at) from delivery d
            join mailing m on m.workspace_id = %(workspace_id)s::int and m.mailing_id = d.mailing_id
            where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id and d.outcome in ('accepted', 'uncertain')
              and m.message_class = 'reconfirm' and m.topic_id = %(topic_id)s::int and m.channel = %(channel)s::text) end as reconfirm_asked_at,
       case when %(asks)s::boolean or b.kinds is not null then
           (select q.at from signup_request q where q.workspace_id = %(workspace_id)s::int and q.contact_id = x.contact_id
            order by q.at desc limit 1) end as form_entry_at,
       b.kinds, b.ats as basis_ats, b.refusing
from unnest(%(contact_ids)s::bigint[]) x (contact_id)
left join address a on a.workspace_id = %(workspace_id)s::int and a.contact_id = x.contact_id and a.channel = %(channel)s::text
left join consent k on k.workspace_id = %(workspace_id)s::int and k.contact_id = x.contact_id
      and k.topic_id = %(topic_id)s::int and k.channel = %(channel)s::text
left join lateral (
    select array_agg(f.scope order by f.refusal_no) as scopes, array_agg(f.topic_id order by f.refusal_no) as topic_ids,
           array_agg(f.until order by f.refusal_no) as untils, array_agg(f.at order by f.refusal_no) as ats
    from refusal f where f.workspace_id = %(workspace_id)s::int and f.contact_id = x.contact_id) r on true
left join lateral (
    select array_agg(g.kind order by g.at) as kinds, array_agg(g.at order by g.at) as ats,
           array_agg(g.refusing_words order by g.at) as refusing
    from basis g where g.workspace_id = %(workspace_id)s::int and g.contact_id = x.contact_id) b on true
order by x.contact_id
