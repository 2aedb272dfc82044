-- It has its entry now.
delete from ledger_waiting where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and event_id = %(event_id)s
