-- Of a settled sheet the ledger says what was read; of one that is keyed in anew nothing counts.
delete from paper_reading where workspace_id = %(workspace_id)s and sheet_id = %(sheet_id)s
