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
