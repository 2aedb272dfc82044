-- A page of what waits for a human, oldest first.
select message_no, contact_id, via, entry_id, received_at from inbound_message
where workspace_id = %(workspace_id)s and answered_at is null and message_no > %(after)s
order by message_no limit %(rows_max)s
