-- Who asked to open something sealed and why, who agreed, when it was opened. No address; and it goes with the sealing, on its day.
create table unsealing (
    workspace_id int not null references workspace,
    unsealing_id bigint not null generated always as identity,
    hold_id uuid not null,
    reason text not null check (char_length(reason) between 1 and 1000),
    asked_by int not null, asked_at timestamptz not null,
    approved_by int, approved_at timestamptz,              -- the second person
    declined_by int, declined_at timestamptz,
    opened_by int, opened_at timestamptz,
    primary key (workspace_id, unsealing_id),
    foreign key (workspace_id, hold_id) references sealed on delete cascade,
    check (approved_by <> asked_by),
    check ((approved_by is null) = (approved_at is null)),
    check ((declined_by is null) = (declined_at is null)),
    check ((opened_by is null) = (opened_at is null)),
    check (opened_at is null or (approved_at is not null and declined_at is null and opened_by in (asked_by, approved_by)))
);
select shodaku_guard('unsealing');
create index unsealing_of on unsealing (workspace_id, hold_id);
revoke update, delete, truncate on unsealing from shodaku_app;
grant update (approved_by, approved_at, declined_by, declined_at, opened_by, opened_at) on unsealing to shodaku_app;
