-- Several relays: in which order, how much each carries, and which of them carries a chunk.
alter table route
    add column place int not null default 0,               -- ascending: who takes over, and who is asked first
    add column share smallint not null default 100 check (share between 0 and 1000),  -- weight; 0: stands by for the others
    add column enabled boolean not null default true,
    add column carries text not null default 'all' check (carries in ('all', 'urgent', 'campaigns')),
    add column set_aside_at timestamptz;                   -- its circuit is open since then; null: it is not
alter table chunk
    add column route_id int,                               -- of its last opening, or of the attempt before; null: of the environment, or none yet
    add column route_fixed boolean not null default false; -- somebody in it may have the message already: it goes nowhere else
