-- The page of who did what asks for acts about persons too, newest first: of millions of entries these are few.
create index ledger_entry_acts on ledger_entry (workspace_id, entry_id) where entry like '%"kind":"admin.%';
