-- As plan_chunks_by_group, while a route is being made known to receivers: whom the mails please most comes first, for they make it known. The
-- latest act counts: a link that was followed or an opened mail (of who allows measuring), words to us, a consent given or renewed. Each is read
-- once for all and joined, for a look by person would cost a scan each. The first are planned in small chunks: within a chunk
-- the lowest number leaves first, whoever that is.
with acts as (
    select h.contact_id, h.at from hit h join contact p on p.workspace_id = h.workspace_id and p.contact_id = h.contact_id
    where h.workspace_id = %(workspace_id)s and h.actor = 'human' and h.at > %(engaged_after)s and p.tracking_consent_at is not null
    union all
    select i.contact_id, i.received_at from inbound_message i
    where i.workspace_id = %(workspace_id)s and i.contact_id is not null and i.via <> 'report' and i.received_at > %(engaged_after)s
    union all
    select e.contact_id, e.at from consent_event e
    where e.workspace_id = %(workspace_id)s and e.kind in ('given', 'confirmed', 'reconfirmed') and e.at > %(engaged_after)s
), engaged as (
    select contact_id, max(at) as at from acts group by contact_id
), placed as (
    select c.contact_id, coalesce(g.name, %(other)s) as domain_group,
           row_number() over (partition by coalesce(g.name, %(other)s) order by n.at desc nulls last, c.contact_id) - 1 as place
    from contact c
    join address a on a.workspace_id = c.workspace_id and a.contact_id = c.contact_id and a.channel = %(channel)s
    left join unnest(%(domains)s::text[], %(names)s::text[]) g (domain, name) on g.domain = split_part(a.key, '@', 2)
    left join engaged n on n.contact_id = c.contact_id
    where c.workspace_id = %(workspace_id)s and a.invalid_at is null
      and not exists (select from suppression s where s.workspace_id = a.workspace_id and s.token = a.token and s.strength = 'strict')
      and /*where*/
), audience as (
    select contact_id, domain_group,
           case when place < %(early_people)s then place / %(early_size)s else %(early_people)s / %(early_size)s + (place - %(early_people)s) / %(size)s end as part
    from placed)
insert into chunk (workspace_id, mailing_id, contact_ids, domain_group, not_before)
select %(workspace_id)s, %(mailing_id)s, array_agg(contact_id order by contact_id), domain_group, coalesce(%(starts_at)s::timestamptz, '-infinity')
from audience group by part, domain_group order by part, domain_group
returning no, cardinality(contact_ids)
