-- What a person asked for, newest first.
select contact_id, request_id, form_id, form_version, topic_ids, locale, wording_sha256, at, expires_at, state, mailing_id, answered_at, entry_id, moves_from, asked_again_at, way
from signup_request where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by at desc, request_id desc
