-- Segments that are offered.
select count(*) from segment where workspace_id = %(workspace_id)s and archived_at is null
