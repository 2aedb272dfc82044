-- Those that still need an answer first, the earliest due at the top; then the newest that ended. A page after another by offset.
select request_id, contact_id, kind, via, jurisdiction, language, state, received_at, due_at, lengthened_at,
       identity_how, identity_by, identity_at, ended_at, refusal, mailing_id, entry_id
from data_request where workspace_id = %(workspace_id)s and (not %(only_open)s or ended_at is null)
order by ended_at is not null, case when ended_at is null then due_at end, ended_at desc, request_id desc
limit %(rows_max)s offset %(skip)s
