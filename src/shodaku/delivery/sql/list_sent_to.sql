-- All that was sent to one person, or was to be, newest first.
select d.mailing_id, m.kind, m.subject, m.topic_id, d.outcome, d.reason, d.evidence_id, d.at, d.pack
from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
where d.workspace_id = %(workspace_id)s and d.contact_id = %(contact_id)s order by d.at desc
