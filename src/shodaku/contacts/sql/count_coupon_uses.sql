-- How often codes were used from a day on; the index holds all that is read.
select code, least(sum(times), 2147483647)::int as times from coupon_use
where workspace_id = %(workspace_id)s and code = any(%(codes)s::text[]) and used_on >= %(since)s group by code
