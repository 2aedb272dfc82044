-- It is in the ledger.
update mailing_stop set entry_id = %(entry_id)s where workspace_id = %(workspace_id)s and stop_no = %(stop_no)s and entry_id is null
