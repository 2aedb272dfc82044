-- Two contacts that somebody of the staff knows to be one person: whatever one of them refuses, both refuse. Evidence stays where it was given.
create table same_person (
    workspace_id int not null, contact_id bigint not null, other_id bigint not null,
    at timestamptz not null,
    primary key (workspace_id, contact_id, other_id),
    foreign key (workspace_id, contact_id) references contact,
    foreign key (workspace_id, other_id) references contact,
    check (contact_id < other_id)
);
select shodaku_guard('same_person');
select shodaku_personal('same_person', 'other_id', 'at');
create index same_person_other on same_person (workspace_id, other_id);
revoke update, truncate on same_person from shodaku_app;
