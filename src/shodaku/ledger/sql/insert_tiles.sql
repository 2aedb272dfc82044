-- Full tiles: written once, never changed.
insert into ledger_tile (workspace_id, level, n, hashes, root)
select %(workspace_id)s, each.* from unnest(%(levels)s::smallint[], %(numbers)s::bigint[], %(hashes)s::bytea[], %(roots)s::bytea[]) as each
