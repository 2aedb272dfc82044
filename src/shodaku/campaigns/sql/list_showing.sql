-- Campaigns that show a picture: drafts by their text, sent ones by their mailing; asked for one picture at a time.
select campaign_id, name, subject, state
from campaign
where workspace_id = %(workspace_id)s
  and (mailing_id = any(%(mailing_ids)s) or (state = 'draft' and strpos(html, %(token)s) > 0))
order by campaign_id desc limit %(most)s
