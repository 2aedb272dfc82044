-- What was asked under this key before.
select request_sha256 from app_act
where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and key_sha256 = %(key_sha256)s
