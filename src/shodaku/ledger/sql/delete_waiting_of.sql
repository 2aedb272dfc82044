-- Acts of the person that still waited for the vault.
delete from ledger_waiting where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s
