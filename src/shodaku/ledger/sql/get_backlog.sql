-- What waits for the log: how many, not counted beyond a limit, and since when the first of them, by its number.
select (select count(*) from (select from ledger_pending where workspace_id = %(workspace_id)s limit %(rows_max)s) first) as entries,
       (select at from ledger_pending where workspace_id = %(workspace_id)s order by entry_id limit 1) as since
