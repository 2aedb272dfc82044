-- One scan of a person, still sealed.
select sha256, media_type, body from ledger_file
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and evidence_id = %(evidence_id)s
