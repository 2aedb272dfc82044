-- The tokens of this workspace keep their layers until the commit.
select shodaku_pepper_epoch(%(workspace_id)s)
