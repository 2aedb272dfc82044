-- Of whom nobody knows whether a mail arrived: what a person at the desk decided about each, once (docs/adr/0031).
alter table mailing add column repeats int;                -- this one goes once more to people of that one; null: it is no repeat
create index mailing_repeats on mailing (workspace_id, repeats) where repeats is not null;
create index delivery_uncertain on delivery (workspace_id, mailing_id, contact_id) where outcome = 'uncertain';  -- few of many: the page of them reads no others

create table uncertain_choice (
    workspace_id int not null, contact_id bigint not null, mailing_id int not null,
    choice text not null check (choice in ('arrived', 'again')),
    again_id int,                                          -- the mailing that goes once more
    at timestamptz not null, entry_id bigint not null,     -- who decided, and why
    primary key (workspace_id, contact_id, mailing_id),    -- a second decision about one mail cannot be written
    foreign key (workspace_id, contact_id) references contact,
    check ((choice = 'again') = (again_id is not null))
);
select shodaku_guard('uncertain_choice');
select shodaku_personal('uncertain_choice', 'choice', 'at');
revoke update, truncate on uncertain_choice from shodaku_app;
create index uncertain_choice_mailing on uncertain_choice (workspace_id, mailing_id);
