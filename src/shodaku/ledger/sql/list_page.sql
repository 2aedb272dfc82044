-- For the audit: a page of entries by number, with the person where one is still known.
select e.entry_id, e.event_id, e.entry, s.contact_id, s.body from ledger_entry e left join ledger_sealed s using (workspace_id, entry_id)
where e.workspace_id = %(workspace_id)s and e.entry_id > %(after)s order by e.entry_id limit %(rows_max)s
