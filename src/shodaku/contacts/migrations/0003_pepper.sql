-- Which layers of the pepper the tokens of a workspace have: while they are raised to the next one, whoever writes tokens waits, and is
-- told to compute them again. Programs that know no epoch write 1, which is right until the first rotation.
alter table workspace add column pepper_epoch smallint not null default 1 check (pepper_epoch > 0);

-- The epoch as it stays until the commit of who asks. Lock first, read second: each statement in here sees what was committed before it.
create function shodaku_pepper_epoch(whose int) returns smallint language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(7247, whose);
    return (select w.pepper_epoch from workspace w where w.workspace_id = whose);
end $$;

-- By statement, not by row: an import writes thousands. SHP01 is what suppression.peppering listens to.
create function shodaku_refuse_old_pepper() returns trigger language plpgsql as $$
declare one record;
begin
    for one in select distinct workspace_id, pepper_epoch from written loop
        if shodaku_pepper_epoch(one.workspace_id) <> one.pepper_epoch then
            raise exception 'tokens of another epoch of the pepper' using errcode = 'SHP01';
        end if;
    end loop;
    return null;
end $$;

alter table address add column pepper_epoch smallint not null default 1, add column norm smallint not null default 1;
alter table address_claim add column pepper_epoch smallint not null default 1;
create trigger address_pepper after insert on address
    referencing new table as written for each statement execute function shodaku_refuse_old_pepper();
create trigger address_claim_pepper after insert on address_claim
    referencing new table as written for each statement execute function shodaku_refuse_old_pepper();
