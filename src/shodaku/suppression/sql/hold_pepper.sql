-- The epoch of this workspace's tokens, which stays until the commit.
select shodaku_pepper_epoch(%(workspace_id)s)
