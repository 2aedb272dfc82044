-- One act on many people, chosen on the list: who was chosen stands still from the preview to the end. No name and no address; where the
-- list was narrowed by a search, people are ticked one by one. As with complaint_case the database takes a person out when they go.
create table bulk_act (
    workspace_id int not null references workspace,
    bulk_id bigint not null generated always as identity,
    act text not null check (act in ('stop', 'erase')),
    state text not null check (state in ('choosing', 'chosen', 'too_many', 'running', 'paused', 'done')),
    narrowed jsonb,                                        -- what the list was narrowed to; null: they were ticked
    chosen_by int not null, chosen_at timestamptz not null,
    people int not null default 0 check (people >= 0),
    unchanged int not null default 0,                      -- at the preview: of whom the act says nothing new
    others int not null default 0,                         -- at the preview: further contacts of the same people
    via text, begun_by int, begun_at timestamptz,          -- null before it begins
    changed int not null default 0, same int not null default 0, gone int not null default 0,  -- people so far, by outcome
    moving_since timestamptz, done_before int not null default 0,  -- when it went on last, and how many had their turn by then
    done_at timestamptz,
    primary key (workspace_id, bulk_id),
    check ((begun_at is not null) = (state in ('running', 'paused', 'done'))),
    check ((via is null) = (begun_at is null) and (begun_by is null) = (begun_at is null)),
    check ((state = 'done') = (done_at is not null)),
    check (changed + same + gone <= people)
);
select shodaku_guard('bulk_act');

create table bulk_person (
    workspace_id int not null,
    bulk_id bigint not null,
    place int not null check (place > 0),
    contact_id bigint,                                     -- null: erased since
    outcome text check (outcome in ('changed', 'same', 'gone')),  -- null: it is not their turn yet
    primary key (workspace_id, bulk_id, place),
    foreign key (workspace_id, bulk_id) references bulk_act on delete cascade,
    foreign key (workspace_id, contact_id) references contact on delete set null (contact_id)
);
select shodaku_guard('bulk_person');
select shodaku_personal('bulk_person', 'contact_id');
create unique index bulk_person_once on bulk_person (workspace_id, contact_id, bulk_id) where contact_id is not null;
create index bulk_person_left on bulk_person (workspace_id, bulk_id, place) where outcome is null;
