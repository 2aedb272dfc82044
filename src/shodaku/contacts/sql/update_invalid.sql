-- The next server says that this address does not exist.
update address set invalid_at = %(now)s, invalid_reason = %(reason)s
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and channel = %(channel)s and invalid_at is null
