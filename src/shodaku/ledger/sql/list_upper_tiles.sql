-- Tiles of tiles: one for 65,536 leaves.
select level, n, hashes, root from ledger_tile
where workspace_id = %(workspace_id)s and level > 0 and (n + 1) * power(256::numeric, level + 1) <= %(size)s
