-- Entries of the ledger that an audit found altered. Kept apart from the events, which nobody may change: every fold asks here.
create table distrusted_entry (
    workspace_id int not null references workspace, entry_id bigint not null, found_at timestamptz not null,
    primary key (workspace_id, entry_id)
);
select shodaku_guard('distrusted_entry');
revoke update, delete, truncate on distrusted_entry from shodaku_app;
create index consent_event_entry on consent_event (workspace_id, entry_id) where entry_id is not null;
