-- Which lines of the journal outside the database (kit.erasure_journal) this database has: a restored one has fewer, and its gate stays shut.
create table journal_applied (                             -- a row a line, written by the transaction of the act; compacted into the floor
    host text not null, seq bigint not null, at timestamptz not null,
    primary key (host, seq)
);
create table journal_floor (                               -- every line up to here is applied
    host text primary key, seq bigint not null
);
revoke update, truncate on journal_applied from shodaku_app;
revoke delete, truncate on journal_floor from shodaku_app;

-- The gate's own row may be shut and opened by the application, never made or removed; and it knows which database it was made in.
alter table fence add column database_id text;
grant update (state, epoch, reason, at, database_id) on fence to shodaku_app;

create table replay_paused (                               -- mailings that were running when the dump was made: they may have been sent since
    workspace_id int not null references workspace, mailing_id int not null, at timestamptz not null,
    primary key (workspace_id, mailing_id)
);
select shodaku_guard('replay_paused');
