-- A copied campaign in blocks begins with the newest state of the other one.
insert into campaign_revision (workspace_id, campaign_id, revision, document, saved_by, saved_at)
select r.workspace_id, %(copied)s, 1, r.document, %(staff_id)s, %(now)s
from campaign_revision r join campaign c using (workspace_id, campaign_id)
where r.workspace_id = %(workspace_id)s and r.campaign_id = %(campaign_id)s and r.revision = c.revision
