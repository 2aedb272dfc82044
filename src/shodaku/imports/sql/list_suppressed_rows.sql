-- For an owner alone, with an entry: which rows named somebody who is never contacted.
select line from import_row
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and verdict = 'suppressed' order by line limit %(rows_max)s
