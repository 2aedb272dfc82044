-- What was sealed of single entries, each for the person it is asked for.
select s.entry_id, s.contact_id, e.entry, s.body
from unnest(%(entry_ids)s::bigint[], %(contact_ids)s::bigint[]) as asked (entry_id, contact_id)
join ledger_sealed s on s.workspace_id = %(workspace_id)s and s.contact_id = asked.contact_id and s.entry_id = asked.entry_id
join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = s.entry_id
