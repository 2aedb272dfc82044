-- The state that brings the blocks back of a mail that was turned into code.
select max(revision) from campaign_revision where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s and not as_code
