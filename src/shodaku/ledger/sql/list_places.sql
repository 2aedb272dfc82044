-- What stands at these places of the log.
select l.seq as index, l.entry_id, e.entry, l.hash from ledger_leaf l
left join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = l.entry_id
where l.workspace_id = %(workspace_id)s and l.seq >= %(first)s and l.seq < %(end)s order by l.seq
