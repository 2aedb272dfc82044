-- A person's scans, newest first, without their bytes; the seal adds a nonce of 12 and a tag of 16 bytes.
select evidence_id, sha256, media_type, octet_length(body) - 28 as bytes, at from ledger_file
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at desc, evidence_id desc
