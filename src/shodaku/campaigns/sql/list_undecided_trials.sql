-- Launched, and the others wait.
select campaign_id from trial where workspace_id = %(workspace_id)s and held_id is not null and winner is null
order by campaign_id desc limit 500
