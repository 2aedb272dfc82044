-- Lists that were brought in, each batch with its basis and its evidence.
create table import_batch (
    workspace_id int not null references workspace,
    batch_id bigint not null generated always as identity,
    file_name text not null, file_sha256 text not null, file_bytes bigint not null,
    basis text not null, evidence text not null default '', evidence_on date,
    topic_id int, channel text not null,
    state text not null check (state in ('running', 'done', 'failed')),
    counts jsonb not null default '{}',                    -- verdict -> rows
    created_by int, created_at timestamptz not null, ended_at timestamptz, entry_id bigint,
    primary key (workspace_id, batch_id)
);
select shodaku_guard('import_batch');

create table import_row (                                  -- rows that need a look; accepted ones are contacts
    workspace_id int not null, batch_id bigint not null, line int not null,
    contact_id bigint, verdict text not null, reason text not null,
    primary key (workspace_id, batch_id, line),
    foreign key (workspace_id, batch_id) references import_batch
);
select shodaku_guard('import_row');
select shodaku_personal('import_row', 'contact_id', 'reason');
create index import_row_contact on import_row (workspace_id, contact_id) where contact_id is not null;
