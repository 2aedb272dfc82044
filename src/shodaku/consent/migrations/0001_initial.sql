-- What a person agreed to: topics with their promises, the wordings that were shown, events, and the state folded from them.
create table wording (
    workspace_id int not null references workspace,
    wording_id int not null generated always as identity,
    kind text not null check (kind in ('topic', 'form', 'policy')),
    about int not null,                                    -- topic or form it belongs to; 0 for the policy
    version int not null check (version > 0),
    text text not null, sha256 text not null,
    created_at timestamptz not null, created_by int,
    primary key (workspace_id, wording_id),
    unique (workspace_id, kind, about, version)
);
select shodaku_guard('wording');

create table topic (
    workspace_id int not null references workspace,
    topic_id int not null generated always as identity,
    slug text not null, name text not null, name_en text not null default '',
    content text not null, purpose text not null,
    frequency_max smallint not null check (frequency_max > 0),
    frequency_per text not null check (frequency_per in ('day', 'week', 'month', 'year')),
    double_opt_in boolean not null default true,
    valid_months smallint check (valid_months between 1 and 60),
    sender_id int not null,
    archived_at timestamptz, created_at timestamptz not null,
    primary key (workspace_id, topic_id),
    unique (workspace_id, slug),
    foreign key (workspace_id, sender_id) references sender
);
select shodaku_guard('topic');

create table consent_event (
    workspace_id int not null, contact_id bigint not null,
    event_no bigint not null generated always as identity,
    topic_id int not null, channel text not null,
    kind text not null, method text not null, at timestamptz not null,
    expires_at timestamptz, flaw text,
    event_id uuid not null,                                -- of the act; its ledger entry has the same
    entry_id bigint,                                       -- null only while the entry waits for the vault
    primary key (workspace_id, contact_id, event_no),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('consent_event');
select shodaku_personal('consent_event', 'topic_id', 'method', 'at');
revoke update, truncate on consent_event from shodaku_app;
grant update (entry_id) on consent_event to shodaku_app;

create index consent_event_waiting on consent_event (workspace_id, event_id) where entry_id is null;

create table consent (                                     -- the fold of consent_event, one row per topic and channel
    workspace_id int not null, contact_id bigint not null, topic_id int not null, channel text not null,
    state text not null check (state in ('pending', 'active', 'withdrawn', 'expired')),
    since timestamptz not null, confirmed boolean not null, expires_at timestamptz,
    last_contact_at timestamptz,                            -- of the person's own acts; sendings are counted beside it
    entry_id bigint, flaw text,
    primary key (workspace_id, contact_id, topic_id, channel),
    foreign key (workspace_id, contact_id) references contact,
    check (state <> 'active' or entry_id is not null)      -- no live consent without its evidence
);
select shodaku_guard('consent');
select shodaku_personal('consent', 'state', 'since');
create index consent_audience on consent (workspace_id, topic_id, channel, contact_id) where state = 'active';

-- What else we know of a person that is no consent: a card handed over, a purchase relation, a published address.
create table basis (
    workspace_id int not null, contact_id bigint not null, kind text not null,
    at timestamptz not null, batch_id bigint, note text, refusing_words boolean not null default false,
    primary key (workspace_id, contact_id, kind, at),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('basis');
select shodaku_personal('basis', 'kind', 'at', 'note');
