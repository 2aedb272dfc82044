-- Figures of the whole workspace as a chore counted them, for pages that may not count; and which consents end when.
create table consent_figure (
    workspace_id int not null references workspace,
    topics jsonb not null,                                 -- topic -> [live, waiting]
    days jsonb not null,                                   -- day, on the clock of the workspace -> [agreed, ended]
    at timestamptz not null,
    primary key (workspace_id)
);
select shodaku_guard('consent_figure');
-- The gate asks by person and never by this: it names no end, so the planner cannot take the index for it.
create index consent_ending on consent (workspace_id, expires_at) where state = 'active' and expires_at is not null;
