-- Who is asked to work here. A row stands while the link works: who accepts, or is asked no more, leaves an entry in the ledger.
create table invitation (
    workspace_id int not null references workspace,
    invitation_id int not null generated always as identity,
    email text not null,                                   -- in small letters, as addresses of staff are
    role text not null check (role in ('owner', 'marketer', 'clerk', 'compliance', 'developer')),
    locale text not null check (locale in ('ja', 'en')),
    invited_by int references staff,                       -- nobody: from the command line
    mailing_id bigint,                                     -- the mail that carries the link; none where no mail could leave
    created_at timestamptz not null, expires_at timestamptz not null check (expires_at > created_at),
    primary key (workspace_id, invitation_id),
    unique (workspace_id, email)
);
create unique index invitation_mailing on invitation (workspace_id, mailing_id) where mailing_id is not null;
select shodaku_guard('invitation');

-- The guide of the first steps is put away by each member for themselves; code that does not know the column shows it to nobody.
alter table membership add column guide_away boolean not null default false;
