-- Scans of what people signed. The link to the person, the picture and its hash go together when the person is forgotten.
create table ledger_file (
    workspace_id int not null, contact_id bigint not null, evidence_id uuid not null,
    sha256 text not null,                                  -- of the picture as it was kept, before it was sealed: entries name it
    media_type text not null check (media_type in ('image/jpeg', 'image/png')),
    body bytea not null,                                   -- AES-256-GCM under a key made from the person's, bound to this row
    at timestamptz not null,
    primary key (workspace_id, contact_id, evidence_id),
    foreign key (workspace_id, contact_id) references contact
);
alter table ledger_file alter column body set storage external;  -- what is encrypted does not compress
select shodaku_guard('ledger_file');
select shodaku_personal('ledger_file', 'sha256', 'body', 'at');

create trigger ledger_file_no_update before update on ledger_file for each row execute function ledger_is_append_only();
create trigger ledger_file_no_truncate before truncate on ledger_file for each statement execute function ledger_is_append_only();
revoke update, delete, truncate on ledger_file from shodaku_app;

-- The eraser's only way in, as for ledger_sealed: one person, in the workspace of the transaction.
create function erase_files(erased_workspace int, erased_contact bigint) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with gone as (delete from ledger_file where workspace_id = erased_workspace and contact_id = erased_contact returning 1)
    select count(*) from gone
$$;
revoke all on function erase_files(int, bigint) from public;
grant execute on function erase_files(int, bigint) to shodaku_app;
