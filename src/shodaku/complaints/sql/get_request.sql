-- One request.
select request_id, contact_id, kind, via, jurisdiction, language, state, received_at, due_at, lengthened_at,
       identity_how, identity_by, identity_at, ended_at, refusal, mailing_id, entry_id
from data_request where workspace_id = %(workspace_id)s and request_id = %(request_id)s
