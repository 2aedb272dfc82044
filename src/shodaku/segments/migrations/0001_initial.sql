-- Saved segments: a name, and versions of what it means. A version never changes, so a campaign can say which one it went to.
create table segment (
    workspace_id int not null references workspace,
    segment_id int not null generated always as identity,
    name text not null check (char_length(name) between 1 and 80),
    created_by text not null, created_at timestamptz not null,  -- staff:12, api:3 or command line, as in the ledger
    archived_at timestamptz,                               -- not offered any more; drafts that use it go on
    primary key (workspace_id, segment_id)
);
select shodaku_guard('segment');
create unique index segment_name on segment (workspace_id, name) where archived_at is null;

create table segment_version (
    workspace_id int not null, segment_id int not null, version int not null check (version > 0),
    expression jsonb not null,                             -- segments.domain reads it
    saved_by text not null, saved_at timestamptz not null,
    primary key (workspace_id, segment_id, version),
    foreign key (workspace_id, segment_id) references segment
);
select shodaku_guard('segment_version');
revoke delete, truncate on segment from shodaku_app;
revoke update, delete, truncate on segment_version from shodaku_app;
