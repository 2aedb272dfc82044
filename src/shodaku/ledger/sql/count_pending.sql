-- Entries that no checkpoint covers yet.
select count(*) from ledger_pending where workspace_id = %(workspace_id)s
