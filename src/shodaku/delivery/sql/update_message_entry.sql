-- The act's entry had waited for the vault.
update inbound_message set entry_id = %(entry_id)s where workspace_id = %(workspace_id)s and event_id = %(event_id)s and entry_id is null
