-- One message that still waits for a human.
select message_no, contact_id, via, entry_id, received_at from inbound_message
where workspace_id = %(workspace_id)s and message_no = %(message_no)s and answered_at is null
