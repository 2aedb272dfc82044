-- Files of a campaign, in the order in which they came.
select name, media_type, bytes, sha256 from campaign_file
where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
order by added_at, name
