-- A second person's yes to a launch: to one content and to at most so many people as were shown.
create table launch_approval (
    workspace_id int not null, campaign_id int not null,
    approval_id bigint not null generated always as identity,
    preflight_id bigint not null, content_sha256 text not null,       -- what was counted and shown; any other content needs another yes
    people int not null check (people > 0),
    state text not null default 'asked' check (state in ('asked', 'approved', 'returned', 'taken_back', 'void', 'used')),
    note text not null default '', asked_by int not null, asked_at timestamptz not null,
    words text not null default '', decided_by int, decided_at timestamptz,
    primary key (workspace_id, campaign_id, approval_id),
    foreign key (workspace_id, campaign_id, preflight_id) references preflight,
    check (decided_by <> asked_by),                        -- nobody approves what they asked for
    check (state not in ('approved', 'returned', 'used') or decided_by is not null)
);
select shodaku_guard('launch_approval');
create unique index launch_approval_open on launch_approval (workspace_id, campaign_id) where state in ('asked', 'approved');
create index launch_approval_asked on launch_approval (workspace_id, approval_id) where state = 'asked';
create index launch_approval_returned on launch_approval (workspace_id, asked_by, approval_id) where state = 'returned';

-- Up to four variants of a campaign, tried on a part of its people; the others get the one that did best.
create table trial (
    workspace_id int not null, campaign_id int not null,
    share_percent smallint not null check (share_percent between 2 and 50),  -- of the people, for all variants together
    judged_by text not null check (judged_by in ('clicks', 'opens', 'hand')),
    hours smallint not null check (hours between 1 and 72),                  -- after the launch; by hand: they mean nothing
    split_key bytea,                                       -- drawn at the launch: nobody knows before who tries what
    judge_at timestamptz,
    held_id int,                                           -- the mailing whose chunks hold the others until it is decided
    winner smallint, decided_at timestamptz, decided_by int,                 -- nobody: by its own rule
    primary key (workspace_id, campaign_id),
    foreign key (workspace_id, campaign_id) references campaign,
    check ((winner is null) = (decided_at is null)),
    check ((held_id is null) = (split_key is null))
);
select shodaku_guard('trial');
create index trial_judged on trial (workspace_id, judge_at) where held_id is not null and winner is null;

create table trial_variant (
    workspace_id int not null, campaign_id int not null, no smallint not null check (no between 1 and 4),
    subject text not null, text text not null, html text not null,           -- empty: as in the campaign itself, which is number 1
    mailing_id int, people int,
    primary key (workspace_id, campaign_id, no),
    foreign key (workspace_id, campaign_id) references trial on delete cascade
);
select shodaku_guard('trial_variant');
create index trial_variant_mailing on trial_variant (workspace_id, mailing_id) where mailing_id is not null;

-- Once more, to those who did not open it: once for each campaign.
create table sent_again (
    workspace_id int not null, campaign_id int not null,   -- the first one
    again_id int not null,
    primary key (workspace_id, campaign_id),
    unique (workspace_id, again_id),
    foreign key (workspace_id, campaign_id) references campaign,
    foreign key (workspace_id, again_id) references campaign (workspace_id, campaign_id)
);
select shodaku_guard('sent_again');
