-- Entries that no sequencer took up in time, by the clock that stamped them.
select entry_id from ledger_pending where workspace_id = %(workspace_id)s and at < now() - make_interval(secs => %(seconds)s)
order by entry_id limit %(rows_max)s
