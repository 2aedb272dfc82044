-- Leaves in order; the hashes come as one string of 32 bytes each, for an array of them costs more to read than to store.
insert into ledger_leaf (workspace_id, seq, entry_id, hash)
select %(workspace_id)s, %(first)s + each.place - 1, each.entry_id, substring(%(hashes)s::bytea from (each.place * 32 - 31)::int for 32)
from unnest(%(entries)s::bigint[]) with ordinality as each (entry_id, place)
