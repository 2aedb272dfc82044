-- Entries with their sealed bodies and the sequencer's outbox. A repeated event_id is the same act: it keeps its first entry.
with wanted as (
    -- entries as bytes and in binary: an array of texts full of quotes costs 28 us each to escape
    select event_id, convert_from(entry, 'UTF8') as entry, contact_id, body
    from unnest(%(events)s::uuid[], %(entries)b::bytea[], %(contacts)s::bigint[], %(bodies)b::bytea[])
                  as each (event_id, entry, contact_id, body)
), written as (
    insert into ledger_entry (workspace_id, event_id, entry)
    select %(workspace_id)s, event_id, entry from wanted
    on conflict (workspace_id, event_id) do nothing
    returning entry_id, event_id
), sealed as (
    insert into ledger_sealed (workspace_id, contact_id, entry_id, body)
    select %(workspace_id)s, wanted.contact_id, written.entry_id, wanted.body from written join wanted using (event_id)
), outbox as (
    insert into ledger_pending (workspace_id, entry_id) select %(workspace_id)s, entry_id from written
)
select event_id, entry_id from written
union all
select e.event_id, e.entry_id from ledger_entry e
where e.workspace_id = %(workspace_id)s and e.event_id = any(%(events)s::uuid[]) and e.event_id not in (select event_id from written)
