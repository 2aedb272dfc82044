-- The buckets that hold for a chunk, with the database's clock; in one order, for two workers draw at once.
select route_id, domain_group, rate, rate_max, tokens, refilled_at, promised_until, changed_at, clock_timestamp()
from pace
where workspace_id = %(workspace_id)s and route_id in (0, %(route_id)s) and domain_group in ('', coalesce(%(domain_group)s::text, ''))
order by route_id, domain_group for update
