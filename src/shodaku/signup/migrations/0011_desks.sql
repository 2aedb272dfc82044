-- A form on a tablet, at a named place, for some hours. The link is a MAC over the number; this row says whether it still opens anything.
create table form_desk (
    workspace_id int not null, desk_no int not null generated always as identity,
    form_id int not null,
    place text not null check (char_length(place) between 1 and 100),  -- the occasion or the shop
    desk text not null check (char_length(desk) between 1 and 40),     -- which desk or till of it
    opened_at timestamptz not null, opened_by int not null,
    closes_at timestamptz not null, closed_at timestamptz, closed_by int,
    entries int not null default 0, last_at timestamptz,   -- forms that were sent here, whatever became of them; a page from before the last one is empty
    primary key (workspace_id, desk_no),
    foreign key (workspace_id, form_id) references form,
    check (closes_at > opened_at and closes_at <= opened_at + interval '12 hours')
);
select shodaku_guard('form_desk');
revoke delete, truncate on form_desk from shodaku_app;
create index form_desk_newest on form_desk (workspace_id, form_id, desk_no desc);
