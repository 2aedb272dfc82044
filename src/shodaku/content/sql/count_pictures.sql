-- Whether there is room for more; the count ends at the limit, so it never reads a whole table.
select count(*) from (select from picture where workspace_id = %(workspace_id)s limit %(most)s) counted
