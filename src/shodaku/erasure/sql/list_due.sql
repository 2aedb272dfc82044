-- Sealings whose day has come.
select hold_id, last_sent_at, order_until, destroy_after from sealed
where workspace_id = %(workspace_id)s and destroy_after <= %(now)s order by destroy_after limit %(rows_max)s
