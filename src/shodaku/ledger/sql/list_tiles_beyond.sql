-- Tiles over leaves that are not there.
select level, n from ledger_tile where workspace_id = %(workspace_id)s and (n + 1) * power(256::numeric, level + 1) > %(size)s
order by level, n limit %(rows_max)s
