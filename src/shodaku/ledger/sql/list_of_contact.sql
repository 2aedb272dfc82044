-- A person's entries in order, with the bodies only their key opens.
select e.entry_id, e.event_id, e.entry, s.body from ledger_sealed s join ledger_entry e using (workspace_id, entry_id)
where s.workspace_id = %(workspace_id)s and s.contact_id = %(contact_id)s order by e.entry_id
