-- One change of keys after the other; held until the session ends, so that a killed one leaves nothing behind.
select pg_advisory_lock(7242, 0)
