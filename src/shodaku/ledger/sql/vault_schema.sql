-- The vault: its own database and role, short backups. Deleting a row here is what makes a person unreadable everywhere.
create table if not exists person_key (
    workspace_id int not null, contact_id bigint not null,
    epoch smallint not null, wrapped bytea not null, created_at timestamptz not null default now(),
    primary key (workspace_id, contact_id)
);

-- One key a sealed person: what is kept of somebody who was erased opens with it alone, and with nothing after its day.
create table if not exists hold_key (
    workspace_id int not null, hold_id uuid not null,
    epoch smallint not null, wrapped bytea not null, created_at timestamptz not null default now(),
    primary key (workspace_id, hold_id)
);
