-- Who was asked to confirm, never answered, and is known by nothing else: no yes, no no, no purchase, no other basis, no message
-- but the question. Whoever said "that was not me" said something. Of one person, or a page after another.
select c.contact_id from contact c
where c.workspace_id = %(workspace_id)s and c.source in ('form', 'mail') and c.contact_id > %(after)s
  and (%(contact_id)s::bigint is null or c.contact_id = %(contact_id)s::bigint)
  and exists (select from signup_request q where q.workspace_id = c.workspace_id and q.contact_id = c.contact_id)
  and not exists (select from signup_request q where q.workspace_id = c.workspace_id and q.contact_id = c.contact_id
                  and (q.state <> 'requested' or q.expires_at >= %(expired_before)s))
  and not exists (select from signup_request q where q.workspace_id = c.workspace_id and q.moves_from = c.contact_id)
  and not exists (select from consent_event e where e.workspace_id = c.workspace_id and e.contact_id = c.contact_id and e.kind <> 'requested')
  and not exists (select from refusal r where r.workspace_id = c.workspace_id and r.contact_id = c.contact_id)
  and not exists (select from basis b where b.workspace_id = c.workspace_id and b.contact_id = c.contact_id)
  and not exists (select from purchase p where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id)
  and not exists (select from import_row i where i.workspace_id = c.workspace_id and i.contact_id = c.contact_id)
  and not exists (select from inbound_message i where i.workspace_id = c.workspace_id and i.contact_id = c.contact_id)
  and not exists (select from feedback f where f.workspace_id = c.workspace_id and f.contact_id = c.contact_id and f.kind = 'complaint')
  and not exists (select from ledger_waiting w where w.workspace_id = c.workspace_id and w.contact_id = c.contact_id)
  and not exists (select from erasure x where x.workspace_id = c.workspace_id and x.contact_id = c.contact_id)
  and not exists (select from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
                  where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id and m.message_class <> 'consent_request')
order by c.contact_id limit %(rows_max)s
