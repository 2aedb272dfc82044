-- Launched campaigns whose report was never counted, however old they are, or is due; the longest due first.
select c.campaign_id from campaign c
left join campaign_report r on r.workspace_id = c.workspace_id and r.campaign_id = c.campaign_id
where c.workspace_id = %(workspace_id)s and c.mailing_id is not null
  and (r.campaign_id is null or r.due_at <= %(now)s)
order by r.due_at nulls first, c.campaign_id limit %(rows_max)s
