-- Batches, newest first.
select batch_id, file_name, file_sha256, file_bytes, basis, evidence, evidence_on, topic_id, channel, wording, confirmed, relation, provision, named_sender,
       purchased, country, columns, state, counts, reasons, rows_total, rows_done, line_done, portions, findings, fault, created_at, started_at, moved_at, moved_rows, entry_id
from import_batch where workspace_id = %(workspace_id)s order by batch_id desc limit 200
