-- How fast mails may leave: a token bucket for the workspace, for a route, for a group of receivers, or for both. All workers draw from it.
create table pace (
    workspace_id int not null references workspace,
    route_id int not null,                                 -- 0: all routes of the workspace together
    domain_group text not null,                            -- '': all receivers together
    rate double precision not null, rate_max double precision not null check (rate_max > 0 and rate > 0 and rate <= rate_max),
    tokens double precision not null, refilled_at timestamptz not null,
    promised_until timestamptz,                            -- chunks that wait have their turn until then
    changed_at timestamptz,                                -- of the rate, by an answer or by quiet; null: it is as it was set
    primary key (workspace_id, route_id, domain_group)
);
alter table chunk add column domain_group text;            -- null: planned while nothing was paced by group
alter table route no force row level security;             -- whoever migrates sees no rows of workspaces otherwise
insert into pace (workspace_id, route_id, domain_group, rate, rate_max, tokens, refilled_at)
select workspace_id, route_id, '', messages_per_second, messages_per_second, 2, now() from route where messages_per_second is not null;
alter table route force row level security;
select shodaku_guard('pace');
