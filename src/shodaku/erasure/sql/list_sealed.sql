-- What is kept of an address, by its keyed mark.
select hold_id, last_sent_at, order_until, destroy_after from sealed
where workspace_id = %(workspace_id)s and lookups && %(lookups)s::bytea[] order by destroy_after
