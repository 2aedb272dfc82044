-- A source that was not doubted by then keeps what it ended.
delete from bounce_ended where workspace_id = %(workspace_id)s and at < %(before)s
