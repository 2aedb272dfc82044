-- No number that was given after the backup is given a second time.
select setval(%(name)s::text::regclass, greatest(%(last)s::bigint, 1))
