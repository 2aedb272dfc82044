-- How many sealings can still be opened, and when the first of them ends.
select count(*) as count, min(destroy_after) as next_at from sealed
where workspace_id = %(workspace_id)s and destroy_after > %(now)s
