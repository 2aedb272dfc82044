-- The first two who needed a week at once: the second waited, found nothing to make, and guarded it once more, which failed.
create or replace function delivery_partition(monday date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare name text := 'delivery_' || to_char(monday, 'YYYYMMDD');
begin
    if extract(isodow from monday) <> 1 then
        raise exception 'not a Monday: %', monday;
    end if;
    if to_regclass(name) is not null then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('delivery_partition'));
    -- again: whoever held the lock may have made it. From the table, for to_regclass remembers what it did not find.
    if not exists (select from pg_class where relname = name and relnamespace = 'public'::regnamespace) then
        execute format('create table %I partition of delivery for values from (%L) to (%L)', name, monday, monday + 7);
        perform shodaku_guard(name::regclass);
        execute format('revoke update, delete, truncate on %I from shodaku_app', name);
    end if;
end $$;
