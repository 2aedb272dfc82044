-- Each time a mailing stopped by itself: written where it stops, in a process that reaches no vault, and taken into the ledger by the clock.
create table mailing_stop (
    workspace_id int not null, stop_no bigint not null generated always as identity,
    mailing_id int not null,
    reason text not null check (reason in ('bounces', 'complaints', 'domain', 'links')),
    sent int not null, bad int not null,                   -- the figures it was stopped by; 0 where nobody was counted
    at timestamptz not null, event_id uuid not null default gen_random_uuid(),
    entry_id bigint,                                       -- null: it waits for the clock, or for the vault
    primary key (workspace_id, stop_no),
    foreign key (workspace_id, mailing_id) references mailing
);
select shodaku_guard('mailing_stop');
revoke update, delete, truncate on mailing_stop from shodaku_app;
grant update (entry_id) on mailing_stop to shodaku_app;
create index mailing_stop_waiting on mailing_stop (workspace_id, stop_no) where entry_id is null;

alter table mailing
    drop constraint mailing_stopped_for_check,
    add constraint mailing_stopped_for_check check (stopped_for in ('bounces', 'complaints', 'domain', 'links'));

-- Looks in a row at which the records of a sending domain failed. A look that DNS left open counts neither way.
alter table mail_domain
    add column failed_looks int not null default 0,
    add column failing_since timestamptz;                  -- of the first of them; null: they do not fail

-- Whether links of mails and the opt-out page are answered at their public address, as seen from here.
create table link_watch (
    workspace_id int not null references workspace,
    url text not null,                                     -- another one begins anew
    answered_at timestamptz,                               -- null: never from here, which may be the fault of this network alone
    failures int not null default 0, failing_since timestamptz,
    primary key (workspace_id)
);
select shodaku_guard('link_watch');
