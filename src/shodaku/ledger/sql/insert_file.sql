-- One scan, sealed.
insert into ledger_file (workspace_id, contact_id, evidence_id, sha256, media_type, body, at)
values (%(workspace_id)s, %(contact_id)s, %(evidence_id)s, %(sha256)s, %(media_type)s, %(body)s, %(now)s)
