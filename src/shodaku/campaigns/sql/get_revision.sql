-- One saved state of a campaign in blocks.
select revision, document as document_json, saved_by, saved_at
from campaign_revision where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and revision = %(revision)s
