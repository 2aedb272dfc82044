-- How a form is found and where it is shown, what is being written for it, which of its versions were taken back, and how often it is sent.
create table form_source (
    workspace_id int not null, form_id int not null, source_no int not null check (source_no > 0),
    code text not null,                                    -- in the short address that the code on the poster holds
    name text not null, created_at timestamptz not null,
    given int not null default 0,                          -- agreed to at once, where no mail asks; the others are counted by their requests
    primary key (workspace_id, form_id, source_no), unique (workspace_id, code),
    foreign key (workspace_id, form_id) references form
);
select shodaku_guard('form_source');
revoke delete, truncate on form_source from shodaku_app;
alter table signup_request add column source_no int,
    add column asked_again_at timestamptz,                 -- the mail did not arrive and was sent once more: a request has one such moment
    add foreign key (workspace_id, form_id, source_no) references form_source;
select shodaku_personal('signup_request', 'source_no', 'asked_again_at');

alter table form add column sites text[] not null default '{}' check (cardinality(sites) <= 20),  -- origins that may show it in a frame
    add column thanks_url text check (length(thanks_url) <= 500);                                   -- on one of these sites; null: our own page

create table form_draft (
    workspace_id int not null, form_id int not null,
    definition jsonb not null check (octet_length(definition::text) <= 100000), saved_at timestamptz not null, saved_by int,
    primary key (workspace_id, form_id),
    foreign key (workspace_id, form_id) references form
);
select shodaku_guard('form_draft');

-- A version whose words were wrong: nobody agrees to it from then on, and who did keeps what they agreed to.
create table form_withdrawn (
    workspace_id int not null, form_id int not null, version int not null,
    at timestamptz not null, withdrawn_by int,
    primary key (workspace_id, form_id, version),
    foreign key (workspace_id, form_id, version) references form_version
);
select shodaku_guard('form_withdrawn');
revoke update, delete, truncate on form_withdrawn from shodaku_app;

-- Threat 1. A network is a keyed token that changes by the hour: no address is stored, and two hours cannot be joined.
create table signup_network (
    token bytea not null, hour timestamptz not null, posts int not null,
    primary key (hour, token)
);
create table form_hour (
    workspace_id int not null, form_id int not null, hour timestamptz not null, posts int not null,
    primary key (workspace_id, form_id, hour),
    foreign key (workspace_id, form_id) references form
);
select shodaku_guard('form_hour');
