-- Every key that ever signed this log, the newest first.
select vkey from ledger_signer where workspace_id = %(workspace_id)s order by since desc, vkey
