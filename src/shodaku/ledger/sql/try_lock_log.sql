-- One sequencer a log; a second one goes away instead of waiting.
select pg_try_advisory_xact_lock(7244, %(workspace_id)s)
