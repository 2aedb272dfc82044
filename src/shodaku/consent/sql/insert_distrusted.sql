-- The altered entries, and every entry of the people from whose history something is missing.
insert into distrusted_entry (workspace_id, entry_id, found_at)
select %(workspace_id)s, each.entry_id, %(now)s from (
    select unnest(%(entries)s::bigint[]) as entry_id
    union
    select e.entry_id from consent_event e
    where e.workspace_id = %(workspace_id)s and e.contact_id = any(%(people)s::bigint[]) and e.entry_id is not null) each
on conflict do nothing
