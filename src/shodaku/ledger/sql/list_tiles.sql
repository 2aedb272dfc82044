-- Tiles of leaves, by their number.
select n, hashes, root from ledger_tile where workspace_id = %(workspace_id)s and level = 0 and n >= %(first)s and n < %(end)s
