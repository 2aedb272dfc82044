-- Its turn, by the clock that fills the buckets, and the route that it waits for.
update chunk set not_before = clock_timestamp() + %(wait)s * interval '1 second', route_id = %(route_id)s
where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s and no = %(no)s and state = 'planned'
returning not_before
