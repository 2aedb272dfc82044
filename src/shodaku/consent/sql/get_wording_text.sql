-- A text that was shown, by the hash that stands in the evidence.
select kind, about, version, text, sha256, created_at from wording where workspace_id = %(workspace_id)s and sha256 = %(sha256)s
order by wording_id limit 1
