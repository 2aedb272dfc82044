-- What was sealed of one entry for one person.
select body from ledger_sealed where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and entry_id = %(entry_id)s
