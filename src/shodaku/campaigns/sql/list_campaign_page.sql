-- A keyset page of campaigns in an order (selectors.CampaignOrder), without their bodies; what is counted of those that have ended comes with them, so that no chunk row is read for them.
with listed as (
    select c.workspace_id, c.campaign_id, c.name, c.subject, c.topic_id, c.starts_at, c.mailing_id, c.created_at, c.tags,
           lower(coalesce(nullif(c.name, ''), c.subject)) collate "C" as called,
           coalesce(greatest(m.launched_at, m.starts_at), c.starts_at, c.created_at) as at,
           case when m.mailing_id is null or exists (select from trial t where t.workspace_id = c.workspace_id and t.campaign_id = c.campaign_id
                                                          and t.held_id is not null and t.winner is null) then c.state
                when m.state = 'running' and m.ended_at is null and m.starts_at > %(now)s then 'scheduled' else m.state end as state
    from campaign c
    left join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
    where c.workspace_id = %(workspace_id)s
      and (%(topic_id)s::int is null or c.topic_id = %(topic_id)s)
      and (%(tag)s::text is null or %(tag)s::text = any(c.tags))
      and (%(name)s::text is null or c.name ilike %(name)s or c.subject ilike %(name)s)
)
select x.campaign_id, x.name, x.subject, x.topic_id, x.state, x.starts_at, x.mailing_id, x.created_at, x.at, x.tags,
       case when r.ended then (r.counts ->> 'people/accepted')::int end as accepted, case when r.ended then (r.counts ->> 'people/total')::int end as total
from listed x
left join campaign_report r on r.workspace_id = x.workspace_id and r.campaign_id = x.campaign_id
where (/*behind*/)
  and (%(state)s::text is null or x.state = %(state)s)
  and (%(from_at)s::timestamptz is null or (x.at >= %(from_at)s and x.at < %(until_at)s))
order by /*order*/ limit %(rows_max)s
