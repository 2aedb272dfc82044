-- A tile above the leaves: whole as it was stored, or the roots of the full tiles below it.
select coalesce(
    (select hashes from ledger_tile where workspace_id = %(workspace_id)s and level = %(level)s and n = %(n)s),
    (select string_agg(root, ''::bytea order by n) from ledger_tile
     where workspace_id = %(workspace_id)s and level = %(level)s - 1 and n >= %(first)s and n < %(end)s))
