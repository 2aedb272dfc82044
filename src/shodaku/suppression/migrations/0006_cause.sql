-- After which mail people said no: counts for the report of a campaign, by the hour, and nobody they could belong to. An erasure leaves them.
create table refusal_cause (
    workspace_id int not null references workspace,
    cause_no bigint not null generated always as identity, -- a row each, for a counter would make one no wait for another
    mailing_id int not null, scope text not null check (scope in ('all', 'topic', 'until')), via text not null,
    hour timestamptz not null check (hour = date_trunc('hour', hour, 'UTC')),
    primary key (workspace_id, mailing_id, cause_no)
);
select shodaku_guard('refusal_cause');
revoke update, truncate on refusal_cause from shodaku_app;
