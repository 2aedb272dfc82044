-- The outbox: what stands here is committed. An entry that vanished stays waiting, and the audit names it.
with taken as (
    delete from ledger_pending where workspace_id = %(workspace_id)s and entry_id = any(array(
        select p.entry_id from ledger_pending p join ledger_entry e using (workspace_id, entry_id)
        where p.workspace_id = %(workspace_id)s order by p.entry_id limit %(rows_max)s))
    returning entry_id
)
select e.entry_id, e.entry from taken join ledger_entry e on e.workspace_id = %(workspace_id)s and e.entry_id = taken.entry_id
order by e.entry_id
