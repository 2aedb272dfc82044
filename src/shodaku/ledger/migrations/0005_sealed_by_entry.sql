-- The audit asks for the bodies of a page of entries; without it each page reads the whole table.
create unique index ledger_sealed_entry on ledger_sealed (workspace_id, entry_id);
