-- What is kept of an address, held until the commit: of two who ask at once, the second finds the first one's request.
select hold_id, last_sent_at, order_until, destroy_after from sealed
where workspace_id = %(workspace_id)s and lookups && %(lookups)s::bytea[] order by hold_id for update
