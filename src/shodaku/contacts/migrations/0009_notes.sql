-- What staff write down about a person, and what is still to be done; it goes with the person, and stands in the copy of their data.
create table contact_note (
    workspace_id int not null, contact_id bigint not null,
    note_no bigint not null generated always as identity,
    text text not null check (char_length(text) between 1 and 1000),
    written_by int not null, at timestamptz not null,
    due_on date, whose int,                                -- a task: until when, and whose of the staff; null: a note
    done_at timestamptz,
    primary key (workspace_id, contact_id, note_no),
    foreign key (workspace_id, contact_id) references contact,
    check (due_on is not null or (whose is null and done_at is null))
);
select shodaku_guard('contact_note');
select shodaku_personal('contact_note', 'text', 'at', 'due_on', 'done_at');
alter table contact_note alter column text set statistics 0;
create index contact_note_due on contact_note (workspace_id, due_on) where due_on is not null and done_at is null;
