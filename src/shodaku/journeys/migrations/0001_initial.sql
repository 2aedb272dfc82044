-- The clocks of consents: what a workspace lets them do, what they found, and whom they asked whether to go on.
create table clock_choice (
    workspace_id int not null references workspace,
    asks boolean not null default false,                   -- after a long silence one mail asks whether to go on
    forgets boolean not null default false,                -- who is needed for nothing any more is erased
    chosen_at timestamptz not null, entry_id bigint not null,
    primary key (workspace_id)
);
select shodaku_guard('clock_choice');

create table clock_warning (                               -- counts, and nobody by name; a row goes when nobody is late any more
    workspace_id int not null references workspace,
    kind text not null check (kind in ('WELCOME_LATE', 'FIRST_MAIL_LATE', 'SILENT', 'PURPOSE_MET')),
    topic_id int not null default 0,                       -- 0: of no topic
    people int not null check (people > 0),
    oldest_at timestamptz not null,                        -- since when the first of them waits
    noted_at timestamptz not null, looked_at timestamptz not null,
    primary key (workspace_id, kind, topic_id)
);
select shodaku_guard('clock_warning');

create table reconfirmation (                              -- the one mail after a long silence, and what became of it
    workspace_id int not null, contact_id bigint not null,
    reconfirmation_id bigint not null generated always as identity,
    topic_ids int[] not null, locale text not null,
    asked_at timestamptz not null, answer_until timestamptz not null,
    state text not null check (state in ('asked', 'answered', 'ended', 'unsent')),
    mailing_id int, answered_at timestamptz,
    primary key (workspace_id, contact_id, reconfirmation_id),
    foreign key (workspace_id, contact_id) references contact
);
select shodaku_guard('reconfirmation');
select shodaku_personal('reconfirmation', 'topic_ids', 'locale', 'asked_at', 'answered_at');
create unique index reconfirmation_open on reconfirmation (workspace_id, contact_id) where state = 'asked';
create index reconfirmation_due on reconfirmation (workspace_id, answer_until) where state = 'asked';
