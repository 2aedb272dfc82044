-- Campaigns that are to send under a topic, newest first: under way, or drafts that have a time or wait for a second person's yes.
select c.campaign_id, c.name
from campaign c
where c.workspace_id = %(workspace_id)s and c.topic_id = %(topic_id)s
  and (c.state in ('running', 'paused')
       and (exists (select from mailing m where m.workspace_id = c.workspace_id and m.state in ('running', 'paused')
                    and (m.mailing_id = c.mailing_id
                         or m.mailing_id in (select v.mailing_id from trial_variant v
                                             where v.workspace_id = c.workspace_id and v.campaign_id = c.campaign_id)))
            or exists (select from trial t where t.workspace_id = c.workspace_id and t.campaign_id = c.campaign_id
                       and t.held_id is not null and t.winner is null))
       or c.state = 'draft'
          and (c.starts_at > %(now)s
               or exists (select from launch_approval p where p.workspace_id = c.workspace_id and p.campaign_id = c.campaign_id
                          and p.state = 'asked')))
order by c.campaign_id desc limit %(rows_max)s
