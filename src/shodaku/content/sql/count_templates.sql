-- Whether there is room for more; the count ends at the limit.
select count(*) from (
    select from mail_template where workspace_id = %(workspace_id)s and archived_at is null limit %(most)s
) counted
