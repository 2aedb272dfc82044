-- Keys of programs. The key itself is shown once and kept nowhere: only its SHA-256 stands here.
create table api_key (
    workspace_id int not null references workspace,
    key_id int not null generated always as identity,
    name text not null check (char_length(name) between 1 and 80),
    sha256 bytea not null check (octet_length(sha256) = 32),
    scopes text[] not null check (cardinality(scopes) > 0),
    networks inet[] not null default '{}',                 -- where it may be used from; empty: anywhere
    created_at timestamptz not null, expires_at timestamptz not null,
    last_used_on date,                                     -- to the day: nobody's habits are kept
    revoked_at timestamptz,
    primary key (workspace_id, key_id),
    unique (workspace_id, sha256)
);
select shodaku_guard('api_key');
revoke update, delete, truncate on api_key from shodaku_app;
grant update (last_used_on, revoked_at) on api_key to shodaku_app;
