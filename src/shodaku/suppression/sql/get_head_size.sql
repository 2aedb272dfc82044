-- How many entries the newest head in this database covers; a host may have signed more, before a restore.
select coalesce(max(size), 0) from ledger_checkpoint where workspace_id = %(workspace_id)s
