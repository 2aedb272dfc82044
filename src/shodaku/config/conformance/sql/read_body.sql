-- The sealed bodies of one person, as an intruder in the database sees them.
select entry_id, body from ledger_sealed where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by entry_id
