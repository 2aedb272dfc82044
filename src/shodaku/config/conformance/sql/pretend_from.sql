-- For a situation: a From address that came past every door of the product.
update sender set from_address = %(from_address)s where workspace_id = %(workspace_id)s and sender_id = %(sender_id)s
