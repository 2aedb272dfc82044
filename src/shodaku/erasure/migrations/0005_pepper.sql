-- What is sealed is found by a keyed mark too, so its layers are counted like those of every token.
alter table sealed add column pepper_epoch smallint not null default 1;
grant update (lookups, pepper_epoch) on sealed to shodaku_app;
create trigger sealed_pepper after insert on sealed
    referencing new table as written for each statement execute function shodaku_refuse_old_pepper();
