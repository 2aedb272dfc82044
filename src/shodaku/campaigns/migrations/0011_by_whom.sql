-- By whom: who decided a trial at a command line was not its rule, and somebody who is named there may not be who typed it.
alter table trial add column by_command boolean not null default false;
alter table launch_approval add column claimed boolean not null default false; -- whoever typed the request said it was by asked_by
