-- How far clicks and reports were copied into a column store, and who is to be forgotten there.
create table copied_out (
    workspace_id int not null references workspace,
    kind text not null check (kind in ('hit', 'feedback')),
    settled_no bigint not null,                            -- everything up to here is copied, and nothing can be added below it
    seen_no bigint not null check (seen_no >= settled_no), -- copied up to here; a transaction that was under way may still add some below
    under_way_before xid8 not null,                        -- those transactions are older than this one
    copied_at timestamptz not null,
    primary key (workspace_id, kind)
);
select shodaku_guard('copied_out');
create table forget_out (                                  -- until it is confirmed: then the row goes too
    workspace_id int not null references workspace, contact_id bigint not null,
    hits_only boolean not null,                            -- the person is still here, and does not want to be measured
    asked_at timestamptz not null,
    deleted_at timestamptz,                                -- deleted once; once more when no copy of before can be under way any more
    primary key (workspace_id, contact_id, hits_only)
);
select shodaku_guard('forget_out');
create index hit_number on hit (workspace_id, hit_no);
create index feedback_number on feedback (workspace_id, feedback_no);
