-- How long evidence is kept here.
update workspace set evidence_retention = %(retention)s where workspace_id = %(workspace_id)s
