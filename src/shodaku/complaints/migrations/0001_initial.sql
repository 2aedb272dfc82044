-- What came to the desk and was answered. Above erasure, so it names nobody: who it was, and what they said, is sealed in the ledger
-- under the person's own key, and the entry becomes noise when they are erased.
create table complaint (
    workspace_id int not null references workspace,
    complaint_id bigint not null generated always as identity,
    kind text not null check (kind in ('claim', 'disclosure')),
    found boolean not null,                                -- was there evidence; was the person known
    entry_id bigint,                                       -- null: it waits for the vault
    at timestamptz not null,
    primary key (workspace_id, complaint_id)
);
select shodaku_guard('complaint');
revoke update, delete, truncate on complaint from shodaku_app;
