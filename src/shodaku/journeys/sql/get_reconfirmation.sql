-- One question to one person.
select contact_id, reconfirmation_id, topic_ids, locale, asked_at, answer_until, state, mailing_id, answered_at, renews
from reconfirmation where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s and reconfirmation_id = %(reconfirmation_id)s
