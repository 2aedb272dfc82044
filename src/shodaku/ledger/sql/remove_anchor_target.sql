-- The row stays, for its receipts name it; what it was is told, to be written into the ledger.
update ledger_anchor_target set removed_at = %(now)s
where workspace_id = %(workspace_id)s and target_id = %(target_id)s and removed_at is null returning kind, place
