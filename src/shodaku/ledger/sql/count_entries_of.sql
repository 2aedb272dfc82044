-- As count_entries, of one person.
select (select count(*) from ledger_sealed where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s)
     + (select count(*) from ledger_waiting where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s)
