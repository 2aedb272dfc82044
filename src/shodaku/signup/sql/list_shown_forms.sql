-- Forms as they were published, by the hash that stands in the evidence.
select definition from form_version where workspace_id = %(workspace_id)s and sha256 = any(%(hashes)s)
