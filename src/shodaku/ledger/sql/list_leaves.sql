-- For the audit: leaves in order, each beside the entry it was made of.
select l.seq, l.entry_id, l.hash, convert_to(e.entry, 'UTF8') from ledger_leaf l
left join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = l.entry_id
where l.workspace_id = %(workspace_id)s and l.seq >= %(first)s and l.seq < %(end)s order by l.seq
