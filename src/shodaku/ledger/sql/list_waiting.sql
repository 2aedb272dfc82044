-- What waits, oldest event first (UUIDv7 sorts by time).
select contact_id, event_id, kind, hour, body from ledger_waiting where workspace_id = %(workspace_id)s
order by event_id limit %(rows_max)s for update skip locked
