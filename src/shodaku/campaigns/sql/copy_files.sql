-- A copied campaign carries the same files.
insert into campaign_file (workspace_id, campaign_id, name, media_type, bytes, sha256, added_at)
select workspace_id, %(copied)s, name, media_type, bytes, sha256, added_at
from campaign_file where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s
