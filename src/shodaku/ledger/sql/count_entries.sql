-- How many entries each of these people has; n counts on. Waiting ones have their number already.
select each.contact_id,
       (select count(*) from ledger_sealed s where s.workspace_id = %(workspace_id)s and s.contact_id = each.contact_id)
     + (select count(*) from ledger_waiting w where w.workspace_id = %(workspace_id)s and w.contact_id = each.contact_id) as entries
from unnest(%(contacts)s::bigint[]) as each (contact_id)
