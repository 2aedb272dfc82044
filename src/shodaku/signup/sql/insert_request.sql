-- Somebody asked; the answer comes by the link in the mail.
insert into signup_request (workspace_id, contact_id, form_id, form_version, topic_ids, channel, locale, wording_sha256, at, expires_at, state, entry_id,
                            moves_from, answers, source_no, way)
values (%(workspace_id)s, %(contact_id)s, %(form_id)s, %(form_version)s, %(topic_ids)s, %(channel)s, %(locale)s, %(wording_sha256)s,
        %(now)s, %(expires_at)s, 'requested', %(entry_id)s, %(moves_from)s, %(answers)s, %(source_no)s, %(way)s)
returning request_id
