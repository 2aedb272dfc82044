-- Statement 2 of the gate, with its own, later snapshot: one statement that also locks would read suppressions as of before a concurrent
-- opt-out. Nothing but index look-ups per person (tests/delivery/test_plan.py). No EXISTS in the output list: it becomes a hashed subplan
-- over whole tables; scalar subqueries with LIMIT 1 do not. What matters to few people is read for those few only: consents that do not
-- cover the message and the last sending where the one that covers is not plainly good (g.wide), requests when the message asks, or might,
-- and what may stand in for a consent where nobody was asked for one (3 us a person).
-- OFFSET 0 and || '': right after an import the tables have no statistics, and a join, or the index that begins with the channel, would
-- be planned as a look at everybody: 1.5 ms a person instead of 0.015.
-- An address that was found not to exist is asked once more for whom it is, when somebody has entered it in a form since (BOUNCES.md
-- section 5); nothing else leaves to it until they confirm.
-- The digest is a number that stands for all that was read about the person, but for the address: 1 us here, 5 in Python.
select f.*, case when %(digested)s::boolean then hash_record_extended(row(
           f.invalid, f.generated, f.erased_at, f.scopes, f.topic_ids, f.untils, f.refused_ats,
           f.state, f.since, f.confirmed, f.expires_at, f.last_contact_at, f.entry_id, f.flaw, f.terms, f.earlier, f.others,
           f.last_sent_at, f.sent_ats, f.asked_at, f.reconfirm_asked_at, f.form_entry_at, f.kinds, f.basis_ats, f.refusing, f.details,
           f.country, f.kind, f.birth_date, f.timezone, f.tracking_consent, f.sms_stop_at), 0) end as digest
from (
select x.contact_id, a.wire, a.value,
       a.wire is null or case when a.invalid_at is null then false when %(asks)s::boolean then
           (select count(*) = 0 from (select from signup_request q where q.workspace_id = %(workspace_id)s::int and q.contact_id = x.contact_id
                                      and q.at > a.invalid_at and q.at <= %(now)s::timestamptz limit 1) entered) else true end as invalid, coalesce(a.generated, false) as generated,
       (select s.at from suppression s where s.workspace_id = %(workspace_id)s::int and s.token = a.token and s.strength = 'strict' limit 1) as erased_at,
       r.scopes, r.topic_ids, r.untils, r.ats as refused_ats,
       k.state, k.since, k.confirmed, k.expires_at, k.last_contact_at, k.entry_id, k.flaw, k.terms, k.earlier,
       case when g.wide then
           (select jsonb_agg(o.told order by o.since desc, o.near desc) from (
                select k2.since, (t.sender_id = %(sender_id)s::int)::int * 2 + (k2.channel = %(channel)s::text)::int as near, jsonb_build_object(
                    'reach', case when t.sender_id <> %(sender_id)s::int then 'sender' when k2.channel <> %(channel)s::text then 'channel' else 'topic' end,
                    'since', k2.since, 'confirmed', k2.confirmed, 'expires_at', k2.expires_at, 'last_contact_at', k2.last_contact_at,
                    'entry_id', k2.entry_id, 'flaw', k2.flaw, 'terms', k2.terms) as told
                from consent k2 join topic t on t.workspace_id = %(workspace_id)s::int and t.topic_id = k2.topic_id
                where k2.workspace_id = %(workspace_id)s::int and k2.contact_id = x.contact_id and k2.state = 'active'
                  and (k2.topic_id is distinct from %(topic_id)s::int or k2.channel <> %(channel)s::text)
                order by k2.since desc, near desc limit 20) o) end as others,
       case when g.wide or coalesce(k.last_contact_at, k.since) < %(stale_before)s::timestamptz then
           (select max(d.at) from delivery d where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id
            and d.week >= (%(sent_after)s::timestamptz - interval '35 days')::date
            and d.topic_id is not null and d.at <= %(now)s::timestamptz and d.outcome in ('accepted', 'uncertain')) end as last_sent_at,
       case when coalesce(%(counted_after)s::timestamptz, case when g.wide then %(now)s::timestamptz - interval '1100 days' end) is not null then
           array(select d.at from delivery d where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id
                 and d.week >= (case when g.wide then %(now)s::timestamptz - interval '1100 days' else %(counted_after)s::timestamptz end
                                - interval '35 days')::date
                 and d.at > case when g.wide then %(now)s::timestamptz - interval '1100 days' else %(counted_after)s::timestamptz end
                 and d.at <= %(now)s::timestamptz
                 and d.mailing_id <> %(repeats)s::int and d.topic_id = %(topic_id)s::int and d.channel = %(channel)s::text and d.outcome in ('accepted', 'uncertain')
                 order by d.at desc limit 1000) end as sent_ats,
       case when %(asks)s::boolean or b.kinds is not null then
           (select max(d.at) from delivery d
            join mailing m on m.workspace_id = %(workspace_id)s::int and m.mailing_id = d.mailing_id
            left join signup_request q on q.workspace_id = %(workspace_id)s::int and q.contact_id = x.contact_id and q.request_id = m.subject_id
            where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id and d.outcome in ('accepted', 'uncertain') and d.at <= %(now)s::timestamptz
              and m.message_class = 'consent_request' and q.state is distinct from 'confirmed') end as asked_at,
       case when %(reconfirms)s::boolean then
           (select max(d.at) from delivery d
            join mailing m on m.workspace_id = %(workspace_id)s::int and m.mailing_id = d.mailing_id
            where d.workspace_id = %(workspace_id)s::int and d.contact_id = x.contact_id and d.outcome in ('accepted', 'uncertain') and d.at <= %(now)s::timestamptz
              and m.message_class = 'reconfirm') end as reconfirm_asked_at,
       case when %(asks)s::boolean or b.kinds is not null then
           (select q.at from signup_request q where q.workspace_id = %(workspace_id)s::int and q.contact_id = x.contact_id
            and q.at <= %(now)s::timestamptz order by q.at desc limit 1) end as form_entry_at,
       b.kinds, b.ats as basis_ats, b.refusing, b.details,
       c.country, c.kind, c.birth_date, c.timezone, c.tracking_consent_at is not null as tracking_consent,
       case when %(receipts)s::boolean then
           (select max(f.at) from refusal f where f.workspace_id = %(workspace_id)s::int and f.contact_id = x.contact_id and f.via = 'sms') end as sms_stop_at
from unnest(%(contact_ids)s::bigint[]) x (contact_id)
cross join lateral (
    select c0.country, c0.kind, c0.birth_date, c0.timezone, c0.tracking_consent_at
    from contact c0 where c0.workspace_id = %(workspace_id)s::int and c0.contact_id = x.contact_id offset 0) c
left join lateral (
    select a0.wire, a0.value, a0.invalid_at, a0.generated, a0.token
    from address a0 where a0.workspace_id = %(workspace_id)s::int and a0.contact_id = x.contact_id and a0.channel || '' = %(channel)s::text offset 0) a on true
left join lateral (
    select k0.state, k0.since, k0.confirmed, k0.expires_at, k0.last_contact_at, k0.entry_id, k0.flaw, k0.terms, k0.earlier
    from consent k0 where k0.workspace_id = %(workspace_id)s::int and k0.contact_id = x.contact_id
      and k0.topic_id = %(topic_id)s::int and k0.channel = %(channel)s::text offset 0) k on true
cross join lateral (
    select %(wide)s::boolean or k.state is distinct from 'active' or k.flaw is not null or not k.confirmed or k.terms is not null
           or k.earlier is not null or c.birth_date is not null or k.expires_at <= %(now)s::timestamptz
           or k.since < %(stale_before)s::timestamptz as wide) g
left join lateral (
    select array_agg(f.scope order by f.refusal_no) as scopes, array_agg(f.topic_id order by f.refusal_no) as topic_ids,
           array_agg(f.until order by f.refusal_no) as untils, array_agg(f.at order by f.refusal_no) as ats
    from refusal f where f.workspace_id = %(workspace_id)s::int and f.contact_id = x.contact_id) r on true
left join lateral (
    select array_agg(n.kind order by n.at) as kinds, array_agg(n.at order by n.at) as ats,
           array_agg(n.refusing_words order by n.at) as refusing, array_agg(n.detail order by n.at) as details
    from basis n where n.workspace_id = %(workspace_id)s::int and n.contact_id = x.contact_id
      and (%(bases)s::boolean or k.state is null)) b on true
order by x.contact_id
) f
order by f.contact_id
