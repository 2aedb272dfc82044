-- By whom: a trial that nobody at the desk decided was decided by its rule, or at a command line. Somebody named at a command line may not be who typed it.
alter table trial add column by_rule boolean not null default false;
update trial set by_rule = true where winner is not null and decided_by is null;
alter table launch_approval add column claimed boolean not null default false; -- whoever typed the request said it was by asked_by
