-- What is known besides consents.
select kind, at, batch_id, note, refusing_words from basis where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at
