-- How many leaves there are: their numbers have no gap, so the last one tells.
select coalesce((select seq + 1 from ledger_leaf where workspace_id = %(workspace_id)s order by seq desc limit 1), 0)
