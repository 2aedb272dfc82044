-- Of the entries that these people's events rest on, those that an audit found altered.
select d.entry_id from distrusted_entry d
where d.workspace_id = %(workspace_id)s and exists (
    select from consent_event e where e.workspace_id = d.workspace_id and e.contact_id = any(%(contacts)s::bigint[]) and e.entry_id = d.entry_id)
