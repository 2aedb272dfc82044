-- Sealings whose last mail is late enough for an order to lengthen them.
select hold_id, last_sent_at, order_until, destroy_after from sealed
where workspace_id = %(workspace_id)s and last_sent_at >= %(after)s order by hold_id for update
