-- The Merkle tree over the entries, its signed checkpoints, and where they were put outside. Entries written before are in ledger_pending and are taken up first.
create table ledger_log (                                  -- fixed when the first entry is taken up: keys and old proofs name it
    workspace_id int primary key references workspace,
    origin text not null unique check (origin ~ '^[^[:space:]+]{1,200}$'),
    opened_at timestamptz not null,
    publishes_entries boolean not null default false       -- hashes are public, kinds and hours of entries only if the sender wants it
);
select shodaku_guard('ledger_log');
revoke update, delete, truncate on ledger_log from shodaku_app;
grant update (publishes_entries) on ledger_log to shodaku_app;

create table ledger_signer (                               -- verifier keys that ever signed; they stay listed when the key is gone
    workspace_id int not null references ledger_log, vkey text not null, since timestamptz not null,
    primary key (workspace_id, vkey)
);
select shodaku_guard('ledger_signer');

create table ledger_leaf (
    workspace_id int not null, seq bigint not null check (seq >= 0),
    entry_id bigint not null, hash bytea not null check (octet_length(hash) = 32),
    primary key (workspace_id, seq), unique (workspace_id, entry_id)
);                                                         -- no foreign key: an entry that vanished is told by the audit, not by a constraint
select shodaku_guard('ledger_leaf');

create table ledger_tile (                                 -- full tiles only: final when written
    workspace_id int not null, level smallint not null check (level between 0 and 7), n bigint not null check (n >= 0),
    hashes bytea not null check (octet_length(hashes) = 8192),
    root bytea not null check (octet_length(root) = 32),   -- one hash of the tile above, so that a half-filled one is a short range
    primary key (workspace_id, level, n)
);
alter table ledger_tile alter column hashes set storage external;  -- hashes do not compress
select shodaku_guard('ledger_tile');

create table ledger_checkpoint (
    workspace_id int not null references ledger_log, size bigint not null check (size > 0),
    root bytea not null check (octet_length(root) = 32), note text not null, at timestamptz not null,
    primary key (workspace_id, size)
);
select shodaku_guard('ledger_checkpoint');

create table ledger_anchor_target (                        -- where checkpoints are put outside
    workspace_id int not null references workspace, target_id int not null generated always as identity,
    kind text not null check (kind in ('mail', 'file', 'git', 'rfc3161', 'witness')),
    place text not null, vkey text, created_at timestamptz not null,
    removed_at timestamptz, tried_at timestamptz, fault text,
    primary key (workspace_id, target_id)
);
select shodaku_guard('ledger_anchor_target');
revoke update, delete, truncate on ledger_anchor_target from shodaku_app;
grant update (removed_at, tried_at, fault) on ledger_anchor_target to shodaku_app;

create table ledger_anchor (
    workspace_id int not null, target_id int not null, size bigint not null,
    receipt bytea not null, at timestamptz not null,
    primary key (workspace_id, target_id, size),
    foreign key (workspace_id, target_id) references ledger_anchor_target
);
select shodaku_guard('ledger_anchor');

create table ledger_audit (                                -- what each reading of everything found
    workspace_id int not null references workspace, at timestamptz not null,
    size bigint not null, seconds real not null, consistent boolean not null, finding jsonb not null,
    primary key (workspace_id, at)
);
select shodaku_guard('ledger_audit');

do $$
declare name text;
begin
    foreach name in array array['ledger_signer', 'ledger_leaf', 'ledger_tile', 'ledger_checkpoint', 'ledger_anchor', 'ledger_audit'] loop
        execute format('create trigger %I before update or delete on %I for each row execute function ledger_is_append_only()', name || '_append_only', name);
        execute format('create trigger %I before truncate on %I for each statement execute function ledger_is_append_only()', name || '_no_truncate', name);
        execute format('revoke update, delete, truncate on %I from shodaku_app', name);
    end loop;
end $$;

alter table ledger_pending add column at timestamptz not null default now();  -- for the alarm, when one waits too long
-- The sequencer asks who has work before it knows a workspace: it sees ids, and nothing else there.
create policy sequencer_asks on ledger_pending for select using (current_setting('shodaku.sequencer', true) = '1');
