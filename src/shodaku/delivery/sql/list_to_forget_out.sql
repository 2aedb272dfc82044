-- Who is to be forgotten in the column store: not deleted yet, or long enough ago that no copy from before can come any more.
select contact_id, hits_only, deleted_at is not null as deleted from forget_out
where workspace_id = %(workspace_id)s and (deleted_at is null or deleted_at < %(again_before)s)
order by asked_at limit %(rows_max)s
