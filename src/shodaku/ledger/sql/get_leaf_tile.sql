-- A tile of leaves: whole as it was stored, or the leaves so far.
select coalesce(
    (select hashes from ledger_tile where workspace_id = %(workspace_id)s and level = %(level)s and n = %(n)s),
    (select string_agg(hash, ''::bytea order by seq) from ledger_leaf
     where workspace_id = %(workspace_id)s and seq >= %(first)s and seq < %(end)s))
