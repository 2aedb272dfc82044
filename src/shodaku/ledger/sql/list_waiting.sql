-- What waits, in the order in which it was recorded.
select contact_id, event_id, kind, hour, body from ledger_waiting where workspace_id = %(workspace_id)s
order by waiting_number limit %(rows_max)s for update skip locked
