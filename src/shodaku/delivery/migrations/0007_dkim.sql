-- Keys that sign mails. The private part is here, wrapped under a key that is a file (docs/adr/0022): worthless without it.
create table dkim_key (
    workspace_id int not null references workspace,
    key_id bigint not null generated always as identity,
    domain text not null, selector text not null,
    algorithm text not null check (algorithm in ('rsa', 'ed25519')),
    generation int not null,                               -- made together, published together, replaced together
    public bytea not null,                                 -- as the record's p= has it
    wrapped bytea, epoch smallint not null,                -- epoch: of the file dkim.<epoch>
    made_at timestamptz not null, active_at timestamptz, replaced_at timestamptz, ended_at timestamptz,
    fault text not null default '',                        -- one sentence of a worker's; empty: it opens
    primary key (workspace_id, key_id),
    unique (workspace_id, domain, selector),
    unique (workspace_id, domain, generation, algorithm),
    check ((ended_at is null) = (wrapped is not null))     -- what has ended signs never again
);
alter table dkim_key alter column wrapped set statistics 0;   -- ANALYZE would keep examples of keys that have ended
select shodaku_guard('dkim_key');
