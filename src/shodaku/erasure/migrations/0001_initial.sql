-- Forgetting a person: the request with its steps, and the certificate that names nobody.
create table erasure (
    workspace_id int not null references workspace,
    erasure_id bigint not null generated always as identity,
    contact_id bigint,                                     -- null once certified
    state text not null check (state in ('requested', 'key_destroyed', 'purged', 'certified')),
    receipt text not null, rule text not null, requested_at timestamptz not null,
    counts jsonb not null default '{}',                    -- table -> rows that were purged
    key_id_sha256 text,                                    -- of the wrapped key that was destroyed
    primary key (workspace_id, erasure_id)
);
select shodaku_guard('erasure');
create unique index erasure_once on erasure (workspace_id, contact_id) where contact_id is not null;

create table certificate (
    workspace_id int not null, erasure_id bigint not null,
    entry_id bigint not null, issued_at timestamptz not null,
    primary key (workspace_id, erasure_id),
    foreign key (workspace_id, erasure_id) references erasure
);
select shodaku_guard('certificate');
