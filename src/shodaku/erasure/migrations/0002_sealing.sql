-- What law demands of an erased person's evidence: sealed under a key of its own until its day. Erasures under way go on as they are.
alter table erasure
    drop constraint erasure_state_check,
    add constraint erasure_state_check check (state in ('requested', 'sealed', 'key_destroyed', 'purged', 'certified')),
    add column hold_id uuid,                               -- of the sealing, while the erasure runs; nothing links them after it
    add column sealed_until timestamptz;                   -- null: nothing had to be kept

create table sealed (                                      -- no contact_id and no receipt: found by somebody who names the address
    workspace_id int not null references workspace,
    hold_id uuid not null,
    lookups bytea[] not null,                              -- one for each address, keyed by the pepper
    body bytea not null,                                   -- AES-256-GCM under the hold key, which is in the vault
    last_sent_at timestamptz not null,
    order_until timestamptz,                               -- what an order under article 7 demands
    destroy_after timestamptz not null,
    primary key (workspace_id, hold_id),
    check (order_until is null or order_until <= destroy_after)
);
select shodaku_guard('sealed');
create index sealed_lookup on sealed using gin (lookups);
create index sealed_due on sealed (workspace_id, destroy_after);
revoke update, truncate on sealed from shodaku_app;
grant update (order_until, destroy_after) on sealed to shodaku_app;

create table authority_order (                                  -- 措置命令 (特定電子メール法7条): evidence of what was sent then is kept longer
    workspace_id int not null references workspace,
    order_id int not null generated always as identity,
    at timestamptz not null, recorded_at timestamptz not null, entry_id bigint not null,
    primary key (workspace_id, order_id)
);
select shodaku_guard('authority_order');
revoke update, delete, truncate on authority_order from shodaku_app;
