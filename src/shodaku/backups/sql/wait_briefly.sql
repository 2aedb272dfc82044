-- Locks of a process that still runs must not hang a restore; one restore at a time.
select set_config('lock_timeout', '10s', true), pg_try_advisory_xact_lock(hashtext('shodaku_restore'))
