-- Chunks that had their turn will not come: who waits behind them asks again.
update pace set promised_until = null where workspace_id = %(workspace_id)s and promised_until is not null
