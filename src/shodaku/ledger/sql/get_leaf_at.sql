-- What stands at one place of the log.
select l.seq as index, l.entry_id, e.entry, l.hash, false as waiting from ledger_leaf l
left join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = l.entry_id
where l.workspace_id = %(workspace_id)s and l.seq = %(index)s
