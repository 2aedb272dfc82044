-- A human has seen to it.
update inbound_message set answered_at = %(now)s
where workspace_id = %(workspace_id)s and message_no = %(message_no)s and answered_at is null
