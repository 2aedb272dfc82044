-- Campaigns that show a picture: drafts by their text, sent ones by their mailing; asked for one picture at a time.
select campaign_id, name, subject, state
from campaign
where workspace_id = %(workspace_id)s
  and (mailing_id = any(%(mailing_ids)s)
       or (state = 'draft' and (strpos(html, %(token)s) > 0 or exists (
           select from trial_variant v
           where v.workspace_id = campaign.workspace_id and v.campaign_id = campaign.campaign_id and strpos(v.html, %(token)s) > 0) or exists (
           select from campaign_revision r  -- an unfinished one has no HTML yet
           where r.workspace_id = campaign.workspace_id and r.campaign_id = campaign.campaign_id
             and r.revision = campaign.revision and strpos(r.document::text, %(image_id)s::text) > 0))))
order by campaign_id desc limit %(most)s
