-- What starts, started or is meant to start in a span of time, by its time: of a calendar, so many at most.
select x.campaign_id, x.name, x.subject, x.topic_id, x.state, x.starts_at, x.mailing_id, x.created_at, x.at, x.tags, null::int as accepted, x.planned_count as total
from (select c.campaign_id, c.name, c.subject, c.topic_id, c.starts_at, c.mailing_id, c.created_at, c.tags, c.planned_count,
             coalesce(greatest(m.launched_at, m.starts_at), c.starts_at) as at,
             case when m.mailing_id is null or exists (select from trial t where t.workspace_id = c.workspace_id and t.campaign_id = c.campaign_id
                                                            and t.held_id is not null and t.winner is null) then c.state
                  when m.state = 'running' and m.ended_at is null and m.starts_at > %(now)s then 'scheduled' else m.state end as state
      from campaign c
      left join mailing m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
      where c.workspace_id = %(workspace_id)s) x
where x.at >= %(from_at)s and x.at < %(until_at)s
order by x.at, x.campaign_id limit %(rows_max)s
