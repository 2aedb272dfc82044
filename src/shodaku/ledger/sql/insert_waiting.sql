-- The vault is away: the act is kept under the outbox key until it is back.
insert into ledger_waiting (workspace_id, contact_id, event_id, kind, hour, body)
values (%(workspace_id)s, %(contact_id)s, %(event_id)s, %(kind)s, %(hour)s, %(body)s)
on conflict do nothing
