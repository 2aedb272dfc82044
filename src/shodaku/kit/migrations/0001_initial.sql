-- Row-level security for one table: who has no workspace set sees nothing. FORCE: the owner is bound as well.
-- nullif: after a transaction the setting is '' and not NULL.
create function shodaku_guard(guarded regclass) returns void language plpgsql as $$
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('alter table %s force row level security', guarded);
    execute format('create policy own_workspace on %s using (workspace_id = nullif(current_setting(''shodaku.workspace'', true), '''')::int)', guarded);
end $$;

-- A column that says something about a person is marked 'personal'; tests/architecture compares the marks with what erasure forgets.
create function shodaku_personal(marked regclass, variadic columns text[]) returns void language plpgsql as $$
declare name text;
begin
    foreach name in array columns loop
        execute format('comment on column %s.%I is ''personal''', marked, name);
    end loop;
end $$;
revoke all on function shodaku_guard(regclass), shodaku_personal(regclass, text[]) from public;
