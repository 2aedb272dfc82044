-- Who is needed for nothing any more: no consent in force or asked for, no basis, no purchase, nothing that waits for an answer, nothing
-- heard of them lately, and neither advertising nor a notice in the time for which evidence is kept: who stopped advertising and still gets
-- notices is needed, and so is who works here. Of one person, or a page after another.
select c.contact_id, greatest(c.created_at, e.last_at, r.last_at) as rests_since
from contact c
left join lateral (select max(v.at) as last_at from consent_event v where v.workspace_id = c.workspace_id and v.contact_id = c.contact_id) e on true
left join lateral (select max(f.at) as last_at from refusal f where f.workspace_id = c.workspace_id and f.contact_id = c.contact_id) r on true
where c.workspace_id = %(workspace_id)s and c.contact_id > %(after)s and c.source <> 'staff'
  and (%(contact_id)s::bigint is null or c.contact_id = %(contact_id)s::bigint)
  and greatest(c.created_at, e.last_at, r.last_at) < %(rested_before)s
  and not exists (select from consent k where k.workspace_id = c.workspace_id and k.contact_id = c.contact_id and k.state in ('active', 'pending'))
  and not exists (select from basis b where b.workspace_id = c.workspace_id and b.contact_id = c.contact_id)
  and not exists (select from purchase p where p.workspace_id = c.workspace_id and p.contact_id = c.contact_id)
  and not exists (select from signup_request q where q.workspace_id = c.workspace_id and (q.contact_id = c.contact_id or q.moves_from = c.contact_id)
                  and q.state = 'requested')
  and not exists (select from inbound_message i where i.workspace_id = c.workspace_id and i.contact_id = c.contact_id and i.answered_at is null)
  and not exists (select from ledger_waiting w where w.workspace_id = c.workspace_id and w.contact_id = c.contact_id)
  and not exists (select from erasure x where x.workspace_id = c.workspace_id and x.contact_id = c.contact_id)
  and not exists (select from delivery d join mailing m on m.workspace_id = d.workspace_id and m.mailing_id = d.mailing_id
                  where d.workspace_id = c.workspace_id and d.contact_id = c.contact_id and d.outcome in ('accepted', 'uncertain')
                    and (m.message_class in ('advertising', 'survey') or m.kind = 'notice') and d.at >= %(sent_before)s)
order by c.contact_id limit %(rows_max)s
