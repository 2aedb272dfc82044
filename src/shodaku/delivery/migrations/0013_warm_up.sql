-- How many mails a route may send to a group of receivers each day, until it is known there.
create table warm_up (
    workspace_id int not null, route_id int not null,
    domain_group text not null,
    amounts int[] not null check (cardinality(amounts) between 1 and 60),  -- of each day, ascending
    step int not null default 0 check (step >= 0),         -- which of them holds on that day; their number: it is over
    on_day date not null,                                  -- UTC
    sent int not null default 0, deferred int not null default 0,  -- on that day; deferred by the receiver
    primary key (workspace_id, route_id, domain_group),
    foreign key (workspace_id, route_id) references route on delete cascade
);
select shodaku_guard('warm_up');
