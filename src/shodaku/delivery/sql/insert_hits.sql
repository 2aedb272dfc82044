-- Of who is there and allows measuring at this moment; the same link, person and kind count once a minute. Nobody is waited for: who is held by
-- an opt-out or an erasure comes back, so that no no waits for a click. The share lock and the foreign key keep a person that is being erased out.
with came as materialized (
    select distinct on (x.contact_id, x.mailing_id, x.link, x.actor) x.contact_id, x.mailing_id, x.link, x.actor, to_timestamp(x.at / 1e6) as at
    from unnest(%(contact_ids)s::bigint[], %(mailing_ids)s::int[], %(links)s::smallint[], %(actors)s::text[], %(ats)s::bigint[])
         x (contact_id, mailing_id, link, actor, at)
    order by x.contact_id, x.mailing_id, x.link, x.actor, x.at
), known as materialized (
    select c.contact_id from contact c
    where c.workspace_id = %(workspace_id)s and c.contact_id in (select contact_id from came) and c.tracking_consent_at is not null
), free as materialized (
    select c.contact_id from contact c
    where c.workspace_id = %(workspace_id)s and c.contact_id in (select contact_id from came) and c.tracking_consent_at is not null
    order by c.contact_id for key share skip locked
), written as (
    insert into hit (workspace_id, contact_id, mailing_id, link, actor, at)
    select %(workspace_id)s, came.contact_id, came.mailing_id, came.link, came.actor, came.at
    from came join free on free.contact_id = came.contact_id
    where not exists (select from hit h
                      where h.workspace_id = %(workspace_id)s and h.contact_id = came.contact_id and h.mailing_id = came.mailing_id
                        and h.link = came.link and h.actor = came.actor and h.at > came.at - interval '1 minute')
)
select known.contact_id from known where not exists (select from free where free.contact_id = known.contact_id)
