-- Campaigns of the same topic that were launched before, the newest first, with what was counted of them.
select c.campaign_id, c.name, c.launched_at, r.counts, r.at, coalesce(r.ended, false) as ended
from campaign c
left join campaign_report r on r.workspace_id = c.workspace_id and r.campaign_id = c.campaign_id
where c.workspace_id = %(workspace_id)s and c.topic_id = %(topic_id)s and c.message_class = %(message_class)s and c.launched_at < %(launched_at)s
order by c.launched_at desc limit %(rows_max)s
