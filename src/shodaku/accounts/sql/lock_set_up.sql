-- One first owner: two set-ups in the same instant would each see an empty installation.
select pg_advisory_xact_lock(7243)
