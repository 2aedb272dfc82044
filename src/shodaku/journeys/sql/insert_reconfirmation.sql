-- Somebody is asked whether to go on; the answer comes by the link in the mail.
insert into reconfirmation (workspace_id, contact_id, topic_ids, locale, asked_at, answer_until, renews, state)
values (%(workspace_id)s, %(contact_id)s, %(topic_ids)s, %(locale)s, %(now)s, %(answer_until)s, %(renews)s, 'asked')
returning reconfirmation_id
