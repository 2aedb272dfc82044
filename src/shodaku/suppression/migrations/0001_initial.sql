-- Who said no. refusal belongs to a contact we know; suppression is a keyed token that outlives the person.
create table refusal (
    workspace_id int not null, contact_id bigint not null,
    refusal_no bigint not null generated always as identity,
    scope text not null check (scope in ('all', 'topic', 'until')),
    topic_id int, until timestamptz,
    at timestamptz not null, via text not null,
    event_id uuid not null, entry_id bigint,
    primary key (workspace_id, contact_id, refusal_no),
    foreign key (workspace_id, contact_id) references contact,
    check ((scope = 'topic') = (topic_id is not null)),
    check ((scope = 'until') = (until is not null))
);
select shodaku_guard('refusal');
select shodaku_personal('refusal', 'scope', 'topic_id', 'until', 'at', 'via');
revoke update, truncate on refusal from shodaku_app;
grant update (entry_id) on refusal to shodaku_app;

create index refusal_waiting on refusal (workspace_id, event_id) where entry_id is null;

create table suppression (
    workspace_id int not null references workspace,
    token bytea not null,
    strength text not null check (strength in ('strict', 'broad')),
    norm smallint not null, pepper_epoch smallint not null,
    reason text not null check (reason in ('erased', 'refused', 'complaint', 'bounce', 'staff')),
    at timestamptz not null,
    primary key (workspace_id, token)
);
select shodaku_guard('suppression');
revoke update, truncate on suppression from shodaku_app;

-- Shut after a restore, and while keys are missing. Read by every gate; one row for the installation.
create table fence (
    only_row boolean primary key default true check (only_row),
    state text not null check (state in ('open', 'closed')),
    epoch int not null, reason text not null default '', at timestamptz not null
);
insert into fence values (true, 'open', 1, '', now());
revoke insert, update, delete, truncate on fence from shodaku_app;
