-- Batches, newest first.
select batch_id, file_name, basis, evidence, evidence_on, topic_id, state, counts, created_at, entry_id
from import_batch where workspace_id = %(workspace_id)s order by batch_id desc limit 200
