-- Does the ledger of this database hold the entry of an act?
select exists (select from ledger_entry where workspace_id = %(workspace_id)s and event_id = %(event_id)s)
