-- Each time a mailing stopped by itself: written where it stops, in a process that reaches no vault, and taken into the ledger by the clock.
create table mailing_stop (
    workspace_id int not null, stop_no bigint not null generated always as identity,
    mailing_id int not null,
    reason text not null check (reason in ('bounces', 'complaints')),
    sent int not null, bad int not null,                   -- the figures it was stopped by
    at timestamptz not null, event_id uuid not null default gen_random_uuid(),
    entry_id bigint,                                       -- null: it waits for the clock, or for the vault
    primary key (workspace_id, stop_no),
    foreign key (workspace_id, mailing_id) references mailing
);
select shodaku_guard('mailing_stop');
revoke update, delete, truncate on mailing_stop from shodaku_app;
grant update (entry_id) on mailing_stop to shodaku_app;
create index mailing_stop_waiting on mailing_stop (workspace_id, stop_no) where entry_id is null;
