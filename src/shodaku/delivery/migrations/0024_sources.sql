-- Machines that hand returned mails in, so that one that makes dead addresses up is believed no more (BOUNCES.md section 2).
create table bounce_source (
    workspace_id int not null references workspace,
    source inet not null,                                  -- one machine of IPv4, a /64 of IPv6
    since timestamptz not null,                            -- the counts are from then on
    hard int not null, unproved int not null,
    domains text[] not null,                               -- digests of the domains that are said to be dead; as many as it takes
    held bigint not null,                                  -- reports that ended nothing
    quarantined_until timestamptz, trusted_until timestamptz,
    primary key (workspace_id, source)
);
select shodaku_guard('bounce_source');
