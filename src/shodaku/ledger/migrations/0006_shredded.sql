-- How many sealed bodies each erasure took away: what is missing beyond that, somebody else took. It names nobody.
create table ledger_shredded (
    workspace_id int not null references workspace,
    shredded_id bigint not null generated always as identity,
    bodies int not null check (bodies > 0), at timestamptz not null default now(),
    primary key (workspace_id, shredded_id)
);
select shodaku_guard('ledger_shredded');
create trigger ledger_shredded_append_only before update or delete on ledger_shredded for each row execute function ledger_is_append_only();
create trigger ledger_shredded_no_truncate before truncate on ledger_shredded for each statement execute function ledger_is_append_only();
revoke insert, update, delete, truncate on ledger_shredded from shodaku_app;

-- what was erased before anybody counted
do $$
declare known int;
begin
    for known in select workspace_id from workspace loop
        perform set_config('shodaku.workspace', known::text, true);
        insert into ledger_shredded (workspace_id, bodies)
        select known, gone.n from (
            select count(*)::int as n from ledger_entry e
            where not exists (select from ledger_sealed s where s.workspace_id = e.workspace_id and s.entry_id = e.entry_id)
        ) gone where gone.n > 0;
    end loop;
    perform set_config('shodaku.workspace', '', true);
end $$;

create or replace function erase_sealed(erased_workspace int, erased_contact bigint) returns bigint
language sql security definer set search_path = public, pg_temp as $$
    with gone as (delete from ledger_sealed where workspace_id = erased_workspace and contact_id = erased_contact returning 1),
    counted as (
        insert into ledger_shredded (workspace_id, bodies)
        select erased_workspace, count(*)::int from gone having count(*) > 0
    )
    select count(*) from gone
$$;
