-- People and their addresses. contact_id stands in every key: the shard key law (ARCHITECTURE section 11).
create sequence contact_id_seq;

create table contact (
    workspace_id int not null references workspace,
    contact_id bigint not null default nextval('contact_id_seq'),
    family_name text, given_name text, kana text, company text,
    search_key text not null default '',
    locale text check (locale in ('ja', 'en')),
    attributes jsonb not null default '{}',
    source text not null,                                  -- how we came to know: form, import, staff
    created_at timestamptz not null,
    primary key (workspace_id, contact_id)
);
select shodaku_guard('contact');
select shodaku_personal('contact', 'family_name', 'given_name', 'kana', 'company', 'search_key', 'locale', 'attributes');
create index contact_search on contact using gin (search_key gin_trgm_ops);
create index contact_newest on contact (workspace_id, contact_id desc);

create table address (
    workspace_id int not null, contact_id bigint not null,
    channel text not null check (channel in ('email', 'sms')),
    value text not null,                                   -- as typed, cleaned
    key text not null,                                     -- one for all spellings
    wire text not null,                                    -- as an envelope carries it
    token bytea not null, broad_token bytea not null,      -- keyed by the pepper, which is outside the database
    invalid_at timestamptz, invalid_reason text,
    created_at timestamptz not null,
    primary key (workspace_id, contact_id, channel),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('address');
select shodaku_personal('address', 'value', 'key', 'wire', 'token', 'broad_token', 'invalid_reason');
create index address_key on address (workspace_id, channel, key);

-- One address belongs to one contact. Keyed by token, as a reference table on a cluster.
create table address_claim (
    workspace_id int not null, channel text not null, token bytea not null, contact_id bigint not null,
    primary key (workspace_id, channel, token)
);
select shodaku_guard('address_claim');
select shodaku_personal('address_claim', 'token');

create table purchase (
    workspace_id int not null, contact_id bigint not null,
    purchase_no bigint generated always as identity,
    title text not null, amount_yen int not null check (amount_yen >= 0), at timestamptz not null,
    primary key (workspace_id, contact_id, purchase_no),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('purchase');
select shodaku_personal('purchase', 'title', 'amount_yen', 'at');
