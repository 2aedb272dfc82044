-- Entries that are neither in the log nor on their way to it.
select e.entry_id from ledger_entry e where e.workspace_id = %(workspace_id)s
  and not exists (select from ledger_leaf l where l.workspace_id = %(workspace_id)s and l.entry_id = e.entry_id)
  and not exists (select from ledger_pending p where p.workspace_id = %(workspace_id)s and p.entry_id = e.entry_id)
order by e.entry_id limit %(rows_max)s
