-- Some of a person's entries in order: a proof of one act does not read all that staff ever did.
select e.entry_id, e.event_id, e.entry, s.body, l.seq from ledger_sealed s join ledger_entry e using (workspace_id, entry_id)
left join ledger_leaf l on l.workspace_id = %(workspace_id)s and l.entry_id = e.entry_id
where s.workspace_id = %(workspace_id)s and s.contact_id = %(contact_id)s and e.entry_id = any(%(entries)s::bigint[])
order by e.entry_id
