-- How often a worker ended while it held this chunk: from the first time on, its journal says whose message is being made.
alter table chunk add column crashes smallint not null default 0;
