-- The words by which campaigns are found again, of the newest so many campaigns.
select distinct t.tag from (select c.tags from campaign c where c.workspace_id = %(workspace_id)s order by c.campaign_id desc limit %(campaigns_max)s) n,
       unnest(n.tags) t (tag)
order by t.tag limit %(rows_max)s
