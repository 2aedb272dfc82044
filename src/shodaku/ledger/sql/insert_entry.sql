-- As insert_entries, of one act.
with written as (
    insert into ledger_entry (workspace_id, event_id, entry)
    values (%(workspace_id)s, %(event_id)s, convert_from(%(entry)s, 'UTF8'))
    on conflict (workspace_id, event_id) do nothing
    returning entry_id
), sealed as (
    insert into ledger_sealed (workspace_id, contact_id, entry_id, body)
    select %(workspace_id)s, %(contact_id)s, entry_id, %(body)s from written
), outbox as (
    insert into ledger_pending (workspace_id, entry_id) select %(workspace_id)s, entry_id from written
)
select entry_id from written
union all
select e.entry_id from ledger_entry e
where e.workspace_id = %(workspace_id)s and e.event_id = %(event_id)s and not exists (select from written)
