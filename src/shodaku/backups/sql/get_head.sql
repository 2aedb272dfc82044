-- Entries under the newest signed head.
select coalesce(max(size), 0) from ledger_checkpoint where workspace_id = %(workspace_id)s
