-- When advertising or news first reached somebody: they are told when they ask why a mail came.
select d.mailing_id, m.kind, m.subject, m.topic_id, d.outcome, d.reason, d.evidence_id, d.at, d.pack
from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
where d.workspace_id = %(workspace_id)s and d.contact_id = %(contact_id)s
  and m.kind = 'campaign' and m.message_class = 'advertising' and d.outcome = 'accepted'
order by d.at limit 1
