-- What one person asked, newest first.
select request_id, contact_id, kind, via, jurisdiction, language, state, received_at, due_at, lengthened_at,
       identity_how, identity_by, identity_at, ended_at, refusal, mailing_id, entry_id
from data_request where workspace_id = %(workspace_id)s and contact_id = %(contact_id)s order by request_id desc limit %(rows_max)s
