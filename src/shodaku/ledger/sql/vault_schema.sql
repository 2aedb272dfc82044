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

-- An epoch that has ended: its file is gone or about to go, and nothing may be wrapped under it any more.
create table if not exists ended_epoch (
    purpose text not null, epoch smallint not null, ended_at timestamptz not null default now(),
    recorded_at timestamptz, -- the file is gone and every ledger says so; until then somebody was cut off in the middle
    primary key (purpose, epoch)
);

-- A change of keys that was begun. Who is killed in the middle of it goes on from here.
create table if not exists key_rotation (
    purpose text not null, epoch smallint not null, begun_at timestamptz not null default now(), finished_at timestamptz,
    primary key (purpose, epoch)
);

-- How many keys of a workspace a rotation wrapped anew: for the entry in its ledger.
create table if not exists rewrapped (
    purpose text not null, epoch smallint not null, workspace_id int not null, keys bigint not null,
    primary key (purpose, epoch, workspace_id)
);

-- A process that still holds an older ring must not write a key that nobody will ever open. By statement, not by row:
-- a rotation writes a million rows.
create or replace function refuse_ended_epoch() returns trigger language plpgsql as $$
begin
    if exists (select from written join ended_epoch e on e.purpose = tg_argv[0] and e.epoch = written.epoch) then
        raise exception 'this epoch has ended' using errcode = 'restrict_violation';
    end if;
    return null;
end $$;
create or replace trigger person_key_inserted after insert on person_key
    referencing new table as written for each statement execute function refuse_ended_epoch('kek');
create or replace trigger person_key_updated after update on person_key
    referencing new table as written for each statement execute function refuse_ended_epoch('kek');
create or replace trigger hold_key_inserted after insert on hold_key
    referencing new table as written for each statement execute function refuse_ended_epoch('hold');
create or replace trigger hold_key_updated after update on hold_key
    referencing new table as written for each statement execute function refuse_ended_epoch('hold');

-- ANALYZE keeps examples of a column's values in pg_statistic: a key that was destroyed for a person would stay there. No
-- plan needs them. Giving a column its own type again throws away those that are there; nothing is rewritten.
do $$
declare name text;
begin
    foreach name in array array['person_key', 'hold_key'] loop
        if (select attstattarget is distinct from 0 from pg_attribute where attrelid = name::regclass and attname = 'wrapped') then
            execute format('alter table %I alter column wrapped type bytea, alter column wrapped set statistics 0', name);
        end if;
    end loop;
end $$;
