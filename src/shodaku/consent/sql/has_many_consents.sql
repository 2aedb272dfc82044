-- Reads no more of them than the question needs.
select count(*) > %(rows_max)s from (
    select from consent where workspace_id = %(workspace_id)s limit %(rows_max)s + 1
) found
