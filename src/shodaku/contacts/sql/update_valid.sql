-- The address exists after all.
update address set invalid_at = null, invalid_reason = null
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and channel = %(channel)s and invalid_at is not null
