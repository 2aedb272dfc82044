-- The column store says that nothing is left. The first time it is noted, the second time the row itself goes.
with again as (
    delete from forget_out where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s) and hits_only = %(hits_only)s
      and deleted_at < %(again_before)s)
update forget_out set deleted_at = %(now)s
where workspace_id = %(workspace_id)s and contact_id = any(%(contact_ids)s) and hits_only = %(hits_only)s and deleted_at is null
