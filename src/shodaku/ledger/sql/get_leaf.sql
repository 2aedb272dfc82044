-- One entry with its place in the log; it has none yet while it waits, and one that does neither was lost.
select l.seq as index, e.entry_id, e.entry, l.hash,
       exists (select from ledger_pending p where p.workspace_id = %(workspace_id)s and p.entry_id = e.entry_id) as waiting
from ledger_entry e left join ledger_leaf l on l.workspace_id = %(workspace_id)s and l.entry_id = e.entry_id
where e.workspace_id = %(workspace_id)s and e.entry_id = %(entry_id)s
