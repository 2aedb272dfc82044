-- Forms as they were published, and what people asked for on them.
create table form (
    workspace_id int not null references workspace,
    form_id int not null generated always as identity,
    slug text not null, name text not null, sender_id int not null,
    version int not null default 0,                        -- 0: not published yet
    created_at timestamptz not null,
    primary key (workspace_id, form_id), unique (workspace_id, slug),
    foreign key (workspace_id, sender_id) references sender
);
select shodaku_guard('form');

create table form_version (
    workspace_id int not null, form_id int not null, version int not null check (version > 0),
    definition jsonb not null, sha256 text not null, published_at timestamptz not null, published_by int,
    primary key (workspace_id, form_id, version),
    foreign key (workspace_id, form_id) references form
);
select shodaku_guard('form_version');
revoke update, delete, truncate on form_version from shodaku_app;

create table signup_request (
    workspace_id int not null, contact_id bigint not null,
    request_id bigint not null generated always as identity,
    form_id int, form_version int,                         -- null: asked for in the preference centre
    topic_ids int[] not null,
    channel text not null, locale text not null, wording_sha256 text not null,
    at timestamptz not null, expires_at timestamptz not null,
    state text not null check (state in ('requested', 'confirmed', 'declined', 'withdrawn')),
    mailing_id int, answered_at timestamptz, entry_id bigint not null,
    primary key (workspace_id, contact_id, request_id),
    foreign key (workspace_id, contact_id) references contact,
    check ((form_id is null) = (form_version is null)),
    foreign key (workspace_id, form_id, form_version) references form_version
);
select shodaku_guard('signup_request');
select shodaku_personal('signup_request', 'topic_ids', 'locale', 'at');
create index signup_request_latest on signup_request (workspace_id, contact_id, at desc);

-- Promise 16: one confirmation mail a day for an address, over all workspaces. Keyed tokens, kept for 30 days.
create table signup_throttle (
    token bytea not null, at timestamptz not null,
    primary key (token, at)
);
