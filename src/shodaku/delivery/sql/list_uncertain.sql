-- Whom a mail of these mailings may not have reached, a page; beside each what came of it since, and what somebody decided. The mail itself is one token's: what
-- came of the first time and of the second cannot be told apart, and needs not.
select d.contact_id, d.at,
       (select min(h.at) from hit h where h.workspace_id = d.workspace_id and h.contact_id = d.contact_id and h.mailing_id = d.mailing_id
        and h.actor = 'human' and h.link >= 0) as clicked_at,
       (select min(h.at) from hit h where h.workspace_id = d.workspace_id and h.contact_id = d.contact_id and h.mailing_id = d.mailing_id
        and (h.actor <> 'human' or h.link < 0)) as opened_at,
       (select min(f.at) from feedback f where f.workspace_id = d.workspace_id and f.contact_id = d.contact_id and f.mailing_id = d.mailing_id
        and f.kind = 'complaint') as complained_at,
       (select min(f.at) from feedback f where f.workspace_id = d.workspace_id and f.contact_id = d.contact_id and f.mailing_id = d.mailing_id
        and f.kind <> 'complaint') as returned_at,
       u.choice, u.at as chosen_at, u.entry_id, a.outcome as again_outcome, a.reason as again_reason, a.at as again_at
from delivery d
left join uncertain_choice u on u.workspace_id = d.workspace_id and u.contact_id = d.contact_id and u.mailing_id = d.mailing_id
left join mailing m on m.workspace_id = u.workspace_id and m.mailing_id = u.again_id
left join delivery a on a.workspace_id = u.workspace_id and a.contact_id = u.contact_id and a.mailing_id = u.again_id and a.week = m.week
where d.workspace_id = %(workspace_id)s and d.mailing_id = any(%(mailing_ids)s::int[]) and d.outcome = 'uncertain'
  and d.week = any(array(select w.week from mailing w where w.workspace_id = %(workspace_id)s and w.mailing_id = any(%(mailing_ids)s::int[])))
  and d.contact_id > %(after)s
order by d.contact_id limit %(rows_max)s
