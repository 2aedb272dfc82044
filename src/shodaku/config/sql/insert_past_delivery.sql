-- Something that left in the past of a situation: one accepted mail, at its own time.
insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason, stage, code, attempt, at)
values (%(workspace_id)s, %(contact_id)s, %(mailing_id)s, %(week)s, %(topic_id)s, %(channel)s, 'accepted', 'OK_CONSENT', 6, 250, 1, %(at)s)
