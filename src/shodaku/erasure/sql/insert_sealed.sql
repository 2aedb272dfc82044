-- In the transaction that marks the step as done.
insert into sealed (workspace_id, hold_id, lookups, pepper_epoch, body, last_sent_at, order_until, destroy_after)
values (%(workspace_id)s, %(hold_id)s, %(lookups)s, %(epoch)s, %(body)s, %(last_sent_at)s, %(order_until)s, %(destroy_after)s)
