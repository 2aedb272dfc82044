-- Orders that came, oldest first.
select order_id, at, recorded_at, entry_id from authority_order where workspace_id = %(workspace_id)s order by at, order_id
