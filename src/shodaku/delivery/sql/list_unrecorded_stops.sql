-- Stops that are not in the ledger yet, oldest first. Held: two clocks at once record each of them once.
select stop_no, mailing_id, reason, sent, bad, at, event_id from mailing_stop
where workspace_id = %(workspace_id)s and entry_id is null order by stop_no limit %(rows_max)s for no key update skip locked
