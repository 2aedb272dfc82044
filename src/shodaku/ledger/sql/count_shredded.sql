-- How many bodies all erasures together took away.
select coalesce(sum(bodies), 0)::int from ledger_shredded where workspace_id = %(workspace_id)s
