-- What machines hand in: where it may arrive, how far a mailbox was read, reports that came too early or come twice.
create table inbound_address (
    workspace_id int not null references workspace,
    address text not null,                                 -- of the business itself, in small letters
    at timestamptz not null,
    primary key (workspace_id, address)
);
select shodaku_guard('inbound_address');

-- A mailbox elsewhere. Its password is a file beside the keys.
create table mailbox_place (
    workspace_id int not null references workspace,
    name text not null,
    validity bigint not null,                              -- UIDVALIDITY (RFC 3501 section 2.3.1.1): of these numbers
    uid bigint not null,                                   -- up to here everything is done
    handled bigint not null, fault text not null, at timestamptz not null,
    primary key (workspace_id, name)
);
select shodaku_guard('mailbox_place');

-- A bounce with a token of ours, of a message that no result of ours names yet.
create table early_bounce (
    workspace_id int not null, contact_id bigint not null,
    mailing_id int not null, channel text not null,
    status text not null, at_data_end boolean not null,
    at timestamptz not null,
    primary key (workspace_id, contact_id, mailing_id, channel),  -- a forger fills no table: one a message
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('early_bounce');
select shodaku_personal('early_bounce', 'channel', 'status', 'at');

-- Reports of providers that were acted on, so that a second copy does nothing; they name nobody.
create table provider_event (
    workspace_id int not null references workspace,
    event_id uuid not null, at timestamptz not null,
    primary key (workspace_id, event_id)
);
select shodaku_guard('provider_event');
create index provider_event_age on provider_event (workspace_id, at);

create table provider_count (
    workspace_id int not null references workspace,
    provider text not null, event text not null, on_day date not null,
    events bigint not null,
    primary key (workspace_id, provider, event, on_day)
);
select shodaku_guard('provider_count');
