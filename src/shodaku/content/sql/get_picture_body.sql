-- The bytes behind a public address, of the picture itself or of the small one.
select media_type, case when %(small)s then small else body end as body
from picture where workspace_id = %(workspace_id)s and token = %(token)s
