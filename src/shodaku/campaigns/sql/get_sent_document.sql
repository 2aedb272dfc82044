-- What a launched campaign in blocks says, and since when; code names no coupon by itself.
select r.document as document_json, c.launched_at from campaign c
join campaign_revision r on r.workspace_id = c.workspace_id and r.campaign_id = c.campaign_id and r.revision = c.revision
where c.workspace_id = %(workspace_id)s and c.campaign_id = %(campaign_id)s and c.launched_at is not null and not r.as_code
