-- One batch with what was declared for it.
insert into import_batch (workspace_id, file_name, file_sha256, file_bytes, basis, evidence, evidence_on, topic_id, channel, wording, confirmed,
                          relation, provision, named_sender, purchased, country, columns, state, rows_total, created_by, created_at, started_at, entry_id)
values (%(workspace_id)s, %(file_name)s, %(digest)s, %(size)s, %(basis)s, %(evidence)s, %(evidence_on)s, %(topic_id)s, %(channel)s, %(wording)s, %(confirmed)s,
        %(relation)s, %(provision)s, %(named_sender)s, %(purchased)s, %(country)s, %(columns)s, %(state)s, %(rows_total)s, %(staff_id)s, %(now)s, %(started_at)s, %(entry_id)s)
returning batch_id
