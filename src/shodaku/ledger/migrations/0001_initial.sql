-- Append-only evidence. entry is public and holds no personal data; ledger_sealed is the only link to a person.
create table ledger_entry (
    workspace_id int not null references workspace,
    entry_id bigint not null generated always as identity,
    event_id uuid not null,                                -- from the client side of the act: a retry is the same entry
    entry text not null,                                   -- RFC 8785 canonical JSON, the later leaf
    primary key (workspace_id, entry_id),
    unique (workspace_id, event_id)
);
select shodaku_guard('ledger_entry');

create table ledger_sealed (
    workspace_id int not null, contact_id bigint not null, entry_id bigint not null,
    body bytea not null,                                   -- AES-256-GCM under the person's key, bound to the entry
    primary key (workspace_id, contact_id, entry_id),
    foreign key (workspace_id, entry_id) references ledger_entry
);
select shodaku_guard('ledger_sealed');
select shodaku_personal('ledger_sealed', 'body');

create table ledger_pending (                              -- outbox of the sequencer
    workspace_id int not null, entry_id bigint not null,
    primary key (workspace_id, entry_id)
);
select shodaku_guard('ledger_pending');

-- Acts recorded while the vault was away: under the outbox key, until the person's key can be reached again.
create table ledger_waiting (
    workspace_id int not null, contact_id bigint not null, event_id uuid not null,
    kind text not null, hour int not null, body bytea not null,
    primary key (workspace_id, contact_id, event_id)
);
select shodaku_guard('ledger_waiting');
select shodaku_personal('ledger_waiting', 'body');

-- Promise 10: what is written stays as it was written. By grant and by trigger, for a grant can be given back.
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only' using errcode = 'restrict_violation';
end $$;
create trigger ledger_entry_append_only before update or delete on ledger_entry for each row execute function ledger_is_append_only();
create trigger ledger_entry_no_truncate before truncate on ledger_entry for each statement execute function ledger_is_append_only();
create trigger ledger_sealed_no_update before update on ledger_sealed for each row execute function ledger_is_append_only();
revoke update, delete, truncate on ledger_entry from shodaku_app;
revoke update, delete, truncate on ledger_sealed from shodaku_app;

-- The eraser's only way in: one person, in the workspace of the transaction.
create function erase_sealed(erased_workspace int, erased_contact bigint) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with gone as (delete from ledger_sealed where workspace_id = erased_workspace and contact_id = erased_contact returning 1)
    select count(*) from gone
$$;
revoke all on function erase_sealed(int, bigint) from public;
grant execute on function erase_sealed(int, bigint) to shodaku_app;
