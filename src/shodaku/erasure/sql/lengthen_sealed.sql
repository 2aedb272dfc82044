-- An order lengthens, and never shortens.
update sealed set order_until = greatest(order_until, %(order_until)s), destroy_after = greatest(destroy_after, %(order_until)s)
where workspace_id = %(workspace_id)s and hold_id = %(hold_id)s
