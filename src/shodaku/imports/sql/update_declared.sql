-- What was declared of a draft; a check of before was of something else.
update import_batch set basis = %(basis)s, evidence = %(evidence)s, evidence_on = %(evidence_on)s, topic_id = %(topic_id)s, channel = %(channel)s,
    wording = %(wording)s, confirmed = %(confirmed)s, relation = %(relation)s, provision = %(provision)s, named_sender = %(named_sender)s,
    purchased = %(purchased)s, country = %(country)s, columns = %(columns)s,
    state = 'draft', findings = null, counts = '{}', reasons = null, rows_total = null, rows_done = 0, fault = null
where workspace_id = %(workspace_id)s and batch_id = %(batch_id)s and state in ('draft', 'checking', 'checked')
