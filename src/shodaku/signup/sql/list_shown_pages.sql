-- Pages and pictures, by the hash that stands in the evidence.
select html, null::bytea as picture from form_page where workspace_id = %(workspace_id)s and html_sha256 = any(%(hashes)s)
union all
select '', picture from form_page where workspace_id = %(workspace_id)s and picture_sha256 = any(%(hashes)s)
