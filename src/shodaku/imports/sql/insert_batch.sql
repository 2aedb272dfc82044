-- One batch with what was declared for it.
insert into import_batch (workspace_id, file_name, file_sha256, file_bytes, basis, evidence, evidence_on, topic_id, channel, state, created_by, created_at, entry_id)
values (%(workspace_id)s, %(file_name)s, %(digest)s, %(size)s, %(basis)s, %(evidence)s, %(evidence_on)s, %(topic_id)s, %(channel)s, 'running', %(staff_id)s, %(now)s, %(entry_id)s)
returning batch_id
